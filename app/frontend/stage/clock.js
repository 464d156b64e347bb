// One clock for all methods: a position in frames, moved by real time while it plays.

const RUN_SECONDS = 8; // a whole run at speed 1, however many steps it has
const HOLD_SECONDS = 1.4; // at the end, before a loop starts again

export class Clock {
  constructor() {
    this.frames = 1;
    this.position = 0;
    this.playing = false;
    this.speed = 1;
    this.loop = true;
    this.held = 0;
  }

  get frame() {
    return Math.min(this.frames - 1, Math.floor(this.position));
  }

  get atEnd() {
    return this.frame >= this.frames - 1;
  }

  /**
   * Moves on by some seconds; returns whether the shown frame changed or the clock stopped.
   * @param {number} seconds
   */
  advance(seconds) {
    if (!this.playing) return false;
    const before = this.frame;
    if (this.atEnd) {
      this.held += seconds * Math.max(1, this.speed);
      if (!this.loop) this.playing = false;
      else if (this.held >= HOLD_SECONDS) this.seek(0);
      return this.frame !== before || !this.playing;
    }
    const rate = Math.min(60, Math.max(8, this.frames / RUN_SECONDS));
    this.position = Math.min(this.frames - 1, this.position + seconds * rate * this.speed);
    return this.frame !== before;
  }

  /** @param {number} frame */
  seek(frame) {
    this.position = Math.max(0, Math.min(this.frames - 1, frame));
    this.held = 0;
  }

  play() {
    if (this.atEnd) this.seek(0);
    this.playing = true;
  }

  pause() {
    this.playing = false;
  }

  /**
   * New runs: the same number of frames keeps the place, another number keeps the share of the run.
   * @param {number} frames
   */
  adopt(frames) {
    if (frames !== this.frames) this.position = (this.position * (frames - 1)) / Math.max(1, this.frames - 1);
    this.frames = frames;
    this.position = Math.min(this.position, frames - 1);
  }
}

/**
 * Sets a clock for new runs. The first ones start by themselves, and so do those of which only the start was shown. Later ones keep the place, but for another problem or
 * a start that was let go elsewhere.
 * @param {Clock} clock
 * @param {{frames: number, problem: string}} scene
 * @param {{problem: string, frames: number} | null} before
 * @param {{calm: boolean, paused: boolean, dropped: boolean}} how calm: nothing plays by itself; paused: by hand
 */
export function openAt(clock, scene, before, { calm, paused, dropped }) {
  clock.adopt(scene.frames);
  if (!before || (before.frames < 2 && scene.frames > 1)) {
    if (calm) clock.seek(scene.frames - 1);
    else clock.play();
  } else if (before.problem !== scene.problem) {
    clock.seek(calm ? scene.frames - 1 : 0);
    clock.playing = !calm && !paused;
  } else if (dropped && clock.playing) clock.seek(0);
}
