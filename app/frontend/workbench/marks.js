// @ts-check
// The marks of a construction in the plane: regions below the arrows, lines and arrows above them.

import { drawArrow, makeArrow } from "./arrows.js";
import { ARROW, DISC, ELLIPSE, GUIDE, LINE, POINT, POLYGON, UPDATE } from "./construct.js";
import { dot, pair, pixelOf } from "./geometry.js";
import { children, set, svg } from "./svg.js";

/** @typedef {import("./construct.js").Mark} Mark */
/** @typedef {import("./geometry.js").Frame} Frame */
/** @typedef {{ theme: import("./plane.js").Theme, colour: string, dash: string }} Look  of the rule */

const [ARROW_WIDTH, UPDATE_WIDTH] = [4, 5.5];
const BEYOND = 1000; // pixels on both sides of a line without ends
const CORNERS = 96; // of an ellipse

/**
 * @param {Element} under
 * @param {Element} over
 * @param {Mark[]} marks
 * @param {number} step
 * @param {Frame} frame
 * @param {Look} look
 */
export function drawMarks(under, over, marks, step, frame, look) {
  const shown = marks.filter(({ first, last }) => first <= step && step <= last);
  const regions = shown.filter(({ kind }) => kind !== ARROW);
  const arrows = shown.filter(({ kind }) => kind === ARROW);
  const paths = children(under, regions.length, () => svg("path", { "stroke-linejoin": "round" }));
  regions.forEach((mark, i) => set(paths[i], { ...regionOf(mark, frame, colourOf(mark, look)), opacity: mark.first === step ? 1 : 0.65 }));
  const drawn = children(over, arrows.length, makeArrow);
  arrows.forEach((mark, i) => {
    const [from, to] = mark.points.map((point) => pixelOf(frame, point));
    const update = mark.tint === UPDATE;
    drawArrow(drawn[i], from, to, {
      colour: colourOf(mark, look), dash: update ? look.dash : mark.tint < 0 ? "" : "7 4", halo: look.theme.background,
      width: update ? UPDATE_WIDTH : ARROW_WIDTH, opacity: mark.first === step || update ? 1 : 0.55,
    });
  });
}

/** @param {Mark} mark @param {Look} look */
function colourOf({ tint }, { theme, colour }) {
  return tint >= 0 ? theme.tasks[tint] : tint === UPDATE ? colour : theme.muted;
}

/**
 * What is drawn of a mark that is no arrow, as attributes of a path.
 * @param {Mark} mark
 * @param {Frame} frame
 * @param {string} colour
 * @returns {import("./svg.js").Attributes}
 */
function regionOf({ kind, points }, frame, colour) {
  const at = points.map((point) => pixelOf(frame, point));
  const line = { stroke: colour, fill: "none", "stroke-width": 2.5, "stroke-dasharray": "none", "fill-opacity": 1 };
  const region = { ...line, fill: colour, "fill-opacity": 0.13 };
  switch (kind) {
    case POINT:
      return { ...line, d: dot(...xy(at[0]), 7), fill: colour };
    case GUIDE:
      return { ...line, d: `M${pair(at[0])}L${pair(at[1])}`, "stroke-dasharray": "3 5", "stroke-width": 3 };
    case POLYGON:
      return { ...region, d: points.length ? `M${at.map(pair).join("L")}Z` : "" };
    case DISC:
      return { ...region, d: dot(...xy(at[0]), (points[1][0] * frame.size) / (2 * frame.extent)) };
    case ELLIPSE:
      return { ...region, d: `M${ellipse(points[0], points[1]).map((point) => pair(pixelOf(frame, point))).join("L")}Z` };
    case LINE:
      return { ...line, d: endless(at[0], at[1]), "stroke-dasharray": "10 7", "stroke-width": 2 };
    default:
      return { ...line, d: "" };
  }
}

/** @param {number[]} point @returns {[number, number]} */
const xy = ([x, y]) => [x, y];

/** A line through two points, to beyond the plane. @param {number[]} from @param {number[]} to */
function endless([x, y], [u, v]) {
  const length = Math.hypot(u - x, v - y);
  if (!length) return "";
  const [dx, dy] = [(BEYOND * (u - x)) / length, (BEYOND * (v - y)) / length];
  return `M${pair([x - dx, y - dy])}L${pair([x + dx, y + dy])}`;
}

/** The corners of an ellipse around 0 with these half axes. @param {number[]} a @param {number[]} b */
function ellipse(a, b) {
  return Array.from({ length: CORNERS }, (_, i) => {
    const [c, s] = [Math.cos((2 * Math.PI * i) / CORNERS), Math.sin((2 * Math.PI * i) / CORNERS)];
    return [c * a[0] + s * b[0], c * a[1] + s * b[1]];
  });
}
