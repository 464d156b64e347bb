// @ts-check
// The gradients' tips: buttons in the plane that a mouse, a finger or the arrow keys move.

import { element } from "../live/element.js";
import { held, pixelOf, pointAt } from "./geometry.js";
import { children, set } from "./svg.js";
import { vectorText } from "./words.js";

/**
 * at: where a tip is now, which may not be drawn yet.
 * @typedef {{ at: (k: number) => number[], hold: (k: number, point: number[]) => void, release: () => void }} Hand
 */

/** @type {Record<string, number[]>} */
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const [STEP, FINE] = [0.05, 0.01];
const BADGE = 26; // pixels from a tip to its number

export class Tips {
  /** @param {Hand} hand @param {() => import("./geometry.js").Frame} frame */
  constructor(hand, frame) {
    this.hand = hand;
    this.frame = frame;
    /** @type {number | null} the task whose tip is held */
    this.held = null;
    this.grab = [0, 0];
    this.keyed = false;
    this.root = element("div", { class: "tips" });
  }

  /** @param {number[][]} gradients @param {import("./plane.js").Theme} theme */
  show(gradients, theme) {
    const buttons = children(this.root, gradients.length, () => this.button(this.root.childElementCount));
    gradients.forEach((gradient, k) => {
      const [x, y] = pixelOf(this.frame(), gradient);
      const length = Math.hypot(...gradient) || 1;
      const button = /** @type {HTMLElement} */ (buttons[k]);
      button.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
      button.style.setProperty("--right", `${((BADGE * gradient[0]) / length).toFixed(1)}px`);
      button.style.setProperty("--down", `${((-BADGE * gradient[1]) / length).toFixed(1)}px`);
      button.style.setProperty("--tip", theme.task_text[k]);
      button.style.setProperty("--on-tip", theme.background);
      set(button, { "aria-label": `Tip of task ${k + 1}'s gradient, at ${vectorText(gradient)}` });
    });
  }

  /** @param {number} k */
  button(k) {
    const button = element("button", { type: "button", class: "tip", "aria-describedby": "workbench-keys" });
    button.append(element("span", {}, String(k + 1)));
    button.addEventListener("pointerdown", (event) => this.down(k, button, event));
    button.addEventListener("pointermove", (event) => this.move(k, event));
    for (const end of ["pointerup", "pointercancel"]) button.addEventListener(end, () => this.up());
    button.addEventListener("keydown", (event) => this.key(k, event));
    button.addEventListener("keyup", () => this.keyUp());
    button.addEventListener("blur", () => this.keyUp());
    return button;
  }

  /** @param {PointerEvent} event */
  pixel(event) {
    const box = this.root.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  /** @param {number} k @param {HTMLElement} button @param {PointerEvent} event */
  down(k, button, event) {
    if (event.button !== 0) return;
    button.setPointerCapture(event.pointerId);
    const [x, y] = this.pixel(event);
    const [tx, ty] = pixelOf(this.frame(), this.hand.at(k));
    this.grab = [tx - x, ty - y];
    this.held = k;
  }

  /** @param {number} k @param {PointerEvent} event */
  move(k, event) {
    if (this.held !== k) return;
    const [x, y] = this.pixel(event);
    this.hand.hold(k, pointAt(this.frame(), [x + this.grab[0], y + this.grab[1]]));
  }

  up() {
    if (this.held === null) return;
    this.held = null;
    this.hand.release();
  }

  /** @param {number} k @param {KeyboardEvent} event */
  key(k, event) {
    const way = KEYS[event.key];
    if (!way) return;
    event.preventDefault();
    this.keyed = true;
    const step = event.shiftKey ? FINE : STEP;
    this.hand.hold(k, this.hand.at(k).map((x, i) => held(x + step * way[i], 10)));
  }

  keyUp() {
    if (!this.keyed) return;
    this.keyed = false;
    this.hand.release();
  }
}
