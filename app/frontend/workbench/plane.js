// @ts-check
// The plane: the gradients' arrows with tips to pull, and every method's update.

import { element } from "../live/element.js";
import { drawArrow, drawFan, makeArrow, makeFan } from "./arrows.js";
import { extentOf, pair, pixelOf, placed, spacingOf } from "./geometry.js";
import { drawMarks } from "./marks.js";
import { children, say, set, svg } from "./svg.js";
import { Tips } from "./tips.js";

/** @typedef {import("./geometry.js").Frame} Frame */
/** @typedef {{ title: string, colour: string, dash: string, answer: import("./ask.js").Answer, aside: boolean }} Shown */
/** @typedef {typeof import("../palettes.js").PALETTES.light} Theme */

const [TASK_WIDTH, METHOD_WIDTH] = [7, 4.5];
const LETTER = 8.2; // pixels of a label's letter, on average

export class Plane {
  /** @param {import("./tips.js").Hand} hand */
  constructor(hand) {
    this.grid = svg("path", { fill: "none", "stroke-width": 1 });
    this.axes = svg("path", { fill: "none", "stroke-width": 1.5 });
    this.under = svg("g"); // what a construction draws below the arrows
    this.fans = svg("g");
    this.tasks = svg("g");
    this.methods = svg("g");
    this.over = svg("g"); // and above them
    this.labels = svg("g");
    const layers = [this.grid, this.axes, this.under, this.fans, this.tasks, this.methods, this.over, this.labels];
    this.drawing = svg("svg", { "aria-hidden": "true" }, ...layers);
    this.tips = new Tips(hand, () => this.frame);
    this.root = element("div", { class: "plane" }, this.drawing, this.tips.root);
    /** @type {Frame} */
    this.frame = { size: 0, extent: 1 };
  }

  /** Measures the plane; while a tip is held its scale stays. @param {number[][]} gradients */
  measure(gradients) {
    const size = this.root.clientWidth;
    this.frame = { size, extent: this.tips.held === null && size ? extentOf(gradients, size) : this.frame.extent };
  }

  /**
   * @param {number[][]} gradients
   * @param {Shown[]} shown
   * @param {Theme} theme
   */
  draw(gradients, shown, theme) {
    const { frame } = this;
    set(this.drawing, { viewBox: `0 0 ${frame.size} ${frame.size}` });
    this.drawGround(theme);
    const middle = pixelOf(frame, [0, 0]);
    const arrows = children(this.tasks, gradients.length, makeArrow);
    gradients.forEach((gradient, k) =>
      drawArrow(arrows[k], middle, pixelOf(frame, gradient), { colour: theme.tasks[k], width: TASK_WIDTH, halo: theme.background }),
    );
    this.drawMethods(shown, middle, theme);
    this.drawLabels(shown.filter((one) => !one.aside), theme);
    this.tips.show(gradients, theme);
  }

  /**
   * Draws a step of a construction, or nothing.
   * @param {import("./construct.js").Mark[]} marks
   * @param {number} step
   * @param {import("./marks.js").Look} look
   */
  construct(marks, step, look) {
    drawMarks(this.under, this.over, marks, step, this.frame, look);
  }

  /** @param {Shown[]} shown @param {number[]} middle @param {Theme} theme */
  drawMethods(shown, middle, theme) {
    const drawing = shown.filter(({ answer, aside }) => answer.draws.length > 1 && !aside);
    const fans = children(this.fans, drawing.length, makeFan);
    drawing.forEach(({ answer, colour }, i) =>
      drawFan(fans[i], middle, answer.draws.map(({ update }) => pixelOf(this.frame, update)), colour),
    );
    const arrows = children(this.methods, shown.length, makeArrow);
    const ordered = [...shown].sort((a, b) => b.answer.length - a.answer.length); // the shorter lie on the longer
    ordered.forEach(({ answer, colour, dash, aside }, i) =>
      drawArrow(arrows[i], middle, pixelOf(this.frame, answer.update), {
        colour, dash, width: METHOD_WIDTH, halo: theme.background, opacity: aside ? 0.18 : 1,
      }),
    );
  }

  /** @param {Theme} theme */
  drawGround(theme) {
    const { size, extent } = this.frame;
    const lines = [];
    const spacing = spacingOf(extent);
    for (let i = -Math.floor(extent / spacing); i * spacing <= extent; i++) {
      const [x, y] = pixelOf(this.frame, [i * spacing, i * spacing]);
      lines.push(`M${pair([x, 0])}V${size}M${pair([0, y])}H${size}`);
    }
    set(this.grid, { d: lines.join(""), stroke: theme.grid, opacity: 0.45 });
    set(this.axes, { d: `M${size / 2},0V${size}M0,${size / 2}H${size}`, stroke: theme.muted, opacity: 0.6 });
  }

  /** @param {Shown[]} shown @param {Theme} theme */
  drawLabels(shown, theme) {
    const labels = shown.map(({ title, answer }) => ({ tip: pixelOf(this.frame, answer.update), width: LETTER * title.length }));
    const places = placed(labels, this.frame.size);
    const found = shown.flatMap(({ title }, i) => (places[i] ? [{ title, ...places[i] }] : []));
    const texts = children(this.labels, found.length, () => svg("text", { "paint-order": "stroke", "stroke-width": 5, "stroke-linejoin": "round" }));
    found.forEach(({ title, x, y, anchor }, i) => {
      set(texts[i], { x: x.toFixed(1), y: y.toFixed(1), "text-anchor": anchor, fill: theme.ink, stroke: theme.background });
      say(texts[i], title);
    });
  }
}
