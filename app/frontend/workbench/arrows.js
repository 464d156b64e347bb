// @ts-check
// Arrows of a drawing: a halo, a shaft that may be dashed, a head, and the faint fan of a rule that draws.

import { arrowPaths, dot, pair } from "./geometry.js";
import { set, svg } from "./svg.js";

/** @typedef {{ colour: string, dash?: string, width: number, halo: string, opacity?: number }} Look */

export function makeArrow() {
  const shaft = { fill: "none", "stroke-linecap": "butt" };
  return svg("g", {}, svg("path", { fill: "none", "stroke-linejoin": "round" }), svg("path", shaft), svg("path"));
}

/**
 * @param {Element} arrow
 * @param {number[]} from
 * @param {number[]} to
 * @param {Look} look
 */
export function drawArrow(arrow, from, to, { colour, dash = "", width, halo, opacity = 1 }) {
  const { shaft, head } = arrowPaths(from, to, width);
  const [under, line, point] = arrow.children;
  set(arrow, { opacity });
  set(under, { d: shaft + head, stroke: halo, "stroke-width": width + 4 });
  set(line, { d: shaft, stroke: colour, "stroke-width": width, "stroke-dasharray": dash || "none" });
  set(point, { d: head, fill: colour });
}

export function makeFan() {
  return svg("g", {}, svg("path", { fill: "none", "stroke-width": 1.5, opacity: 0.3 }), svg("path", { opacity: 0.6 }));
}

/**
 * @param {Element} fan
 * @param {number[]} from
 * @param {number[][]} tips
 * @param {string} colour
 */
export function drawFan(fan, from, tips, colour) {
  const different = [...new Set(tips.map(pair))]; // many draws may give one answer
  const [lines, dots] = fan.children;
  set(lines, { d: different.map((tip) => `M${pair(from)}L${tip}`).join(""), stroke: colour });
  set(dots, { d: different.map((tip) => dotAt(tip)).join(""), fill: colour });
}

/** @param {string} tip */
function dotAt(tip) {
  const [x, y] = tip.split(",").map(Number);
  return dot(x, y, 2.5);
}
