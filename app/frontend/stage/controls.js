// Buttons, scrub bar and keys: they move the clock and say what it shows.

import { grouped } from "./numbers.js";
import { input, part } from "./parts.js";
import { spoken, tellHeads } from "./sentences.js";

/** @typedef {import("./scene.js").Scene} Scene */

const BAR_EVERY = 100; // milliseconds: every change of the bar costs the browser a layout

export class Controls {
  /**
   * @param {HTMLElement} root
   * @param {import("./clock.js").Clock} clock
   * @param {() => void} changed
   * @param {(speed: string) => void} quickened
   * @param {(act: string | undefined) => void} [asked] is called with what a button asks that is not the clock's
   */
  constructor(root, clock, changed, quickened, asked = () => {}) {
    this.root = root;
    this.clock = clock;
    this.changed = changed;
    this.quickened = quickened;
    this.asked = asked;
    this.pausedByHand = false;
    this.shown = 0;
    this.abort = new AbortController();
    this.scrub = input(root, ".scrub");
    this.speed = input(root, ".speed");
    /** @type {Scene | null} */
    this.scene = null;
    const { signal } = this.abort;
    for (const button of part(root, ".bar").querySelectorAll("button"))
      button.addEventListener("click", () => this.act(button.dataset.act), { signal });
    this.scrub.addEventListener("input", () => this.move(Number(this.scrub.value)), { signal });
    this.speed.addEventListener("change", () => this.quicken(this.speed.value), { signal });
    root.addEventListener("keydown", (event) => this.key(event), { signal });
  }

  destroy() {
    this.abort.abort();
  }

  /** @param {string | undefined} what */
  act(what) {
    if (what === "play") this.toggle();
    else if (what === "back") this.step(-1);
    else if (what === "forward") this.step(1);
    else if (what === "loop") {
      this.clock.loop = !this.clock.loop;
      part(this.root, '[data-act="loop"]').setAttribute("aria-pressed", String(this.clock.loop));
    } else this.asked(what);
  }

  /** @param {number} by how many of the speeds there are */
  quickenBy(by) {
    const speeds = [.../** @type {HTMLSelectElement} */ (/** @type {unknown} */ (this.speed)).options].map((one) => one.value);
    const at = speeds.indexOf(this.speed.value) + by;
    if (speeds[at] !== undefined) this.quicken(speeds[at]);
  }

  /** @param {string} speed */
  quicken(speed) {
    this.clock.speed = Number(speed);
    this.speed.value = speed;
    this.quickened(speed);
  }

  toggle() {
    if (this.clock.playing) this.clock.pause();
    else this.clock.play();
    this.pausedByHand = !this.clock.playing;
    this.changed();
  }

  /** True where there is nothing but the start: nothing can be played. */
  get held() {
    return this.clock.frames < 2;
  }

  /** @param {number} by */
  step(by) {
    this.move(this.clock.frame + by);
  }

  /** @param {number} frame */
  move(frame) {
    this.clock.pause();
    this.pausedByHand = true;
    this.clock.seek(frame);
    this.changed();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const on = event.target instanceof Element ? event.target : this.root;
    if (event.altKey || event.ctrlKey || event.metaKey || on.matches("select") || this.held) return;
    const far = event.shiftKey ? 10 : 1;
    const onButton = on.matches("button"); // which a space presses
    /** @type {Record<string, number>} */
    const moves = { ArrowLeft: -far, ArrowRight: far, ArrowDown: -far, ArrowUp: far };
    if (event.key === " " && !onButton) this.toggle();
    else if (event.key in moves && (event.key.endsWith("Left") || event.key.endsWith("Right") || this.onScrub(event)))
      this.step(moves[event.key]);
    else if (event.key === "Home") this.move(0);
    else if (event.key === "End") this.move(this.clock.frames - 1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {Event} event */
  onScrub(event) {
    return event.target === this.scrub;
  }

  /**
   * Writes the clock onto the page: attributes for whoever waits on them, and ten times a second the bar for people.
   * @param {Scene} scene
   * @param {number} now
   * @param {number} active
   */
  show(scene, now, active) {
    const { clock, root } = this;
    const step = scene.steps[clock.frame];
    root.dataset.frame = String(clock.frame);
    root.dataset.step = String(step);
    if (root.dataset.playing !== String(clock.playing)) {
      root.dataset.playing = String(clock.playing);
      part(root, '[data-act="play"]').setAttribute("aria-label", clock.playing ? "Pause" : "Play");
    }
    if (clock.playing && now - this.shown < BAR_EVERY && this.scene === scene && !clock.atEnd) return;
    this.shown = now;
    this.scene = scene;
    const last = scene.steps[scene.frames - 1];
    if (Number(this.scrub.max) !== scene.frames - 1) this.scrub.max = String(scene.frames - 1);
    this.scrub.value = String(clock.frame);
    this.scrub.setAttribute("aria-valuetext", `Step ${step} of ${last}`);
    part(root, ".clock").textContent = `step ${grouped(step)} of ${grouped(last)}`;
    tellHeads(part(root, ".heads"), scene, clock.frame, active);
  }

  /**
   * Says aloud where it stopped. Silent while it plays: sixty sentences a second help no one.
   * @param {Scene} scene
   * @param {number} active
   */
  say(scene, active) {
    part(this.root, ".live").textContent = spoken(scene, this.clock.frame, active);
  }
}
