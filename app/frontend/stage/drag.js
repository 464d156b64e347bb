// Taking hold of a start in z space: mouse, pen or finger. Tells where it was let go; draws nothing itself.

/** @typedef {{x: number, y: number}} Spot of the layout */

/** @typedef {import("./fit.js").Point} Point */

/** @typedef {import("./fit.js").Box} Box */

/** @typedef {Spot & {run: number, start: number, panel: Box}} Handle a start that can be taken */

/** @typedef {{start: number, point: Point, dropped: boolean}} Ghost where a start is taken */

/**
 * What asks for it (see pointer.js).
 * @typedef {object} Host
 * @property {number} zoom CSS pixels to a unit of the layout
 * @property {() => Handle[]} starts
 * @property {(panel: Box, x: number, y: number) => Point} pointAt
 * @property {() => void} moved
 * @property {(spot: Spot | null) => void} hovered
 * @property {(start: number) => void} picked
 * @property {(start: number, point: Point) => void} dropped
 */

const HIT = 24; // units of the layout around a start

export class Drag {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {Host} host
   */
  constructor(canvas, host) {
    this.canvas = canvas;
    this.host = host;
    /** @type {(Handle & {grabX: number, grabY: number, moved: boolean}) | null} */
    this.held = null;
    /** @type {Ghost | null} */
    this.ghost = null;
    this.abort = new AbortController();
    const { signal } = this.abort;
    canvas.addEventListener("pointerdown", (event) => this.down(event), { signal });
    canvas.addEventListener("pointermove", (event) => this.move(event), { signal });
    canvas.addEventListener("pointerup", () => this.up(), { signal });
    canvas.addEventListener("pointercancel", () => this.cancel(), { signal });
    canvas.addEventListener("pointerleave", () => this.leave(), { signal });
    // Only a finger on a start may not scroll the page; elsewhere on the canvas it may.
    const keep = (/** @type {TouchEvent} */ event) => this.near(this.spot(event.touches[0])) && event.preventDefault();
    canvas.addEventListener("touchstart", keep, { signal, passive: false });
  }

  destroy() {
    this.abort.abort();
  }

  /** @param {{clientX: number, clientY: number}} event */
  spot(event) {
    const box = this.canvas.getBoundingClientRect();
    const { zoom } = this.host;
    return { x: (event.clientX - box.left) / zoom, y: (event.clientY - box.top) / zoom };
  }

  /**
   * @param {Spot} spot
   * @returns {Handle | null}
   */
  near(spot) {
    /** @type {Handle | null} */
    let best = null;
    let least = HIT;
    for (const handle of this.host.starts()) {
      const distance = Math.hypot(handle.x - spot.x, handle.y - spot.y);
      if (distance <= least) [best, least] = [handle, distance];
    }
    return best;
  }

  /** @param {PointerEvent} event */
  down(event) {
    if (event.button !== 0) return;
    const spot = this.spot(event);
    const handle = this.near(spot);
    if (!handle) {
      this.host.hovered(spot); // a finger reads where it touches
      return;
    }
    this.held = { ...handle, grabX: handle.x - spot.x, grabY: handle.y - spot.y, moved: false };
    this.canvas.setPointerCapture(event.pointerId);
    this.canvas.style.cursor = "grabbing";
    event.preventDefault();
  }

  /** @param {PointerEvent} event */
  move(event) {
    const spot = this.spot(event);
    if (!this.held) {
      this.canvas.style.cursor = this.near(spot) ? "grab" : "";
      this.host.hovered(spot);
      return;
    }
    const { panel, grabX, grabY } = this.held;
    const x = Math.min(panel.x + panel.w - 4, Math.max(panel.x + 4, spot.x + grabX));
    const y = Math.min(panel.y + panel.h - 4, Math.max(panel.y + 4, spot.y + grabY));
    if (!this.held.moved && Math.hypot(x - this.held.x, y - this.held.y) < 4) return;
    this.held.moved = true;
    this.ghost = { start: this.held.start, point: this.host.pointAt(panel, x, y), dropped: false };
    this.host.moved();
  }

  up() {
    const held = this.held;
    this.held = null;
    this.canvas.style.cursor = "";
    if (!held) return;
    if (!held.moved || !this.ghost) {
      this.host.picked(held.start);
      return;
    }
    this.ghost.dropped = true; // stays until the new run arrives
    this.host.dropped(held.start, this.ghost.point);
    this.host.moved();
  }

  cancel() {
    this.held = null;
    this.ghost = null;
    this.canvas.style.cursor = "";
    this.host.moved();
  }

  leave() {
    if (!this.held) this.host.hovered(null);
  }

  settle() {
    if (!this.held) this.ghost = null;
  }
}
