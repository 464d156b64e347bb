// Where a person thinks that a path ends: shown by a click or with the arrow keys while it is asked for, and kept on the
// picture when the path is drawn.

import { holds, place, pointAt } from "./fit.js";
import { cross, ring } from "./marks.js";
import { signed } from "./numbers.js";
import { fitOf } from "./panels.js";
import { part } from "./parts.js";

/** @typedef {import("./fit.js").Point} Point */
/** @typedef {{asked: boolean, point: Point | null}} Told */

const QUIET = 300; // milliseconds without another key before Python is told
const FINE = 40; // key presses across half the picture
const COARSE = 8; // with shift
/** @type {Record<string, Point>} */
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

export class Guess {
  /** @param {import("./stage.js").Stage} stage */
  constructor(stage) {
    this.stage = stage;
    this.asked = false;
    /** @type {Point | null} */
    this.point = null;
    this.waiting = 0;
    this.abort = new AbortController();
    const { signal } = this.abort;
    stage.canvas.addEventListener("click", (event) => this.click(event), { signal });
    // before the clock's own keys
    stage.root.addEventListener("keydown", (event) => this.key(event), { signal, capture: true });
  }

  destroy() {
    clearTimeout(this.waiting);
    this.abort.abort();
  }

  /**
   * What Python says: while it asks, what is shown here is newer.
   * @param {Told | null | undefined} told
   */
  hear(told) {
    const before = this.asked;
    this.asked = Boolean(told?.asked);
    if (!(before && this.asked && this.point)) this.point = told?.point ?? null;
    this.stage.root.dataset.asked = String(this.asked);
    this.stage.redraw();
  }

  /** @param {MouseEvent} event */
  click(event) {
    const { scene, layout, canvas, zoom } = this.stage.board;
    if (!this.asked || !scene) return;
    const box = canvas.getBoundingClientRect();
    const spot = { x: (event.clientX - box.left) / zoom, y: (event.clientY - box.top) / zoom };
    const panel = layout.rows.flatMap((row) => row.panels).find((one) => one.kind === "z" && holds(one, spot));
    if (!panel) return;
    this.show(pointAt(fitOf(panel, scene), spot.x, spot.y));
    this.tell();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const { scene } = this.stage;
    if (!this.asked || !scene || event.altKey || event.ctrlKey || event.metaKey || !(event.key in WAYS)) return;
    const [cx, cy, half] = scene.view;
    const by = half / (event.shiftKey ? COARSE : FINE);
    const [x, y] = this.point ?? [cx, cy];
    const within = (/** @type {number} */ value, /** @type {number} */ middle) =>
      Math.min(middle + half, Math.max(middle - half, value));
    const [dx, dy] = WAYS[event.key];
    this.show([within(x + dx * by, cx), within(y + dy * by, cy)]);
    clearTimeout(this.waiting);
    this.waiting = window.setTimeout(() => this.tell(), QUIET);
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  /** @param {Point} point */
  show(point) {
    this.point = point;
    part(this.stage.root, ".live").textContent = `Your guess: ${signed(point[0])}, ${signed(point[1])}.`;
    this.stage.redraw();
  }

  tell() {
    clearTimeout(this.waiting);
    this.stage.send("guess", { point: this.point });
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {import("./fit.js").Box} panel
   * @param {import("./scene.js").Scene} scene
   * @param {import("./theme.js").Theme} theme
   */
  draw(context, panel, scene, theme) {
    if (!this.point) return;
    const [x, y] = place(fitOf(panel, scene), ...this.point);
    ring(context, x, y, 11, theme.ink, theme.surface, 2.5);
    cross(context, x, y, 4.5, theme.ink);
    const words = "your guess";
    context.font = `600 14px ${theme.font}`;
    const wide = context.measureText(words).width;
    const left = x + 16 + wide + 6 > panel.x + panel.w ? x - 16 - wide : x + 16;
    context.globalAlpha = 0.85;
    context.fillStyle = theme.surface;
    context.fillRect(left - 4, y - 11, wide + 8, 22);
    context.globalAlpha = 1;
    context.fillStyle = theme.ink;
    context.textAlign = "left";
    context.textBaseline = "alphabetic";
    context.fillText(words, left, y + 5);
  }
}
