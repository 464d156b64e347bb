// Frame after frame, while there is something to draw.

export class Loop {
  /**
   * @param {(seconds: number) => boolean} draw draws one frame, so many seconds after the one before; returns whether
   *   another is to follow
   * @param {{gap: (milliseconds: number) => void}} meter
   */
  constructor(draw, meter) {
    this.draw = draw;
    this.meter = meter;
    this.request = 0;
    this.stopped = false;
    /** @type {number | undefined} when the frame before was */
    this.before = undefined;
    this.tick = this.tick.bind(this);
  }

  // Sees to a next frame; time begins anew with it.
  wake() {
    if (this.request || this.stopped) return;
    this.before = undefined;
    this.request = requestAnimationFrame(this.tick);
  }

  stop() {
    this.stopped = true;
    cancelAnimationFrame(this.request);
  }

  /** @param {number} now milliseconds */
  tick(now) {
    this.request = 0;
    if (this.stopped) return;
    const gap = this.before === undefined ? 0 : now - this.before;
    this.before = now;
    if (gap) this.meter.gap(gap);
    const goesOn = this.draw(Math.min(0.1, gap / 1000));
    if (goesOn && !this.request && !this.stopped) this.request = requestAnimationFrame(this.tick);
  }
}
