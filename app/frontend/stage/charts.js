// The small curves of each method, on the same clock: where they stand, and how far they reach.

import { holds } from "./fit.js";

/** @typedef {import("./layout.js").Chart} Chart */

/** @typedef {import("./scene.js").Scene} Scene */

/** @typedef {import("./scene.js").Path} Path */

/** @typedef {import("./ranges.js").Quantity} Quantity */

/** @typedef {import("./decode.js").Row} Row */

/** @typedef {Record<Quantity, import("./ranges.js").Range>} Ranges */

/**
 * One method's chart.
 * @typedef {import("./panels.js").Drawing & {chart: Chart, run: import("./scene.js").Run, ranges: Ranges}} ChartDrawing
 */

/** @type {Record<Quantity, {title: string, log: boolean}>} */
const QUANTITIES = {
  losses: { title: "excess losses", log: true },
  cosine: { title: "cosine", log: false },
  ratio: { title: "norm ratio", log: true },
  condition: { title: "condition number", log: true },
  lag: { title: "lag", log: false },
};
const HEAD = 21; // the title's line
const FOOT = 5; // below the steps' line
const GUTTER = 2.5; // the quantity's marks, of the size of their type
const NARROW = 205;
export const VALUES = 17; // a line of its own for the values, where they find no room beside the title
export const TEXT = 14;

/** @param {Chart} chart */
export function quantityOf(chart) {
  return /** @type {Quantity} */ (chart.kind);
}

/** @param {Chart} chart */
export function isLog(chart) {
  return QUANTITIES[quantityOf(chart)].log;
}

/**
 * Returns a chart's title. Of more than two tasks the cosine is the mean over their pairs.
 * @param {Chart} chart
 * @param {Scene} scene
 */
export function titleOf(chart, scene) {
  const { title } = QUANTITIES[quantityOf(chart)];
  return chart.kind === "cosine" && scene.tasks.length > 2 ? `mean ${title}` : title;
}

/**
 * Returns whether a chart's values have a line of their own.
 * @param {Chart} chart
 */
export function isNarrow(chart) {
  return chart.w < NARROW;
}

/** @param {Chart} chart */
export function plotBox(chart) {
  const head = HEAD + (isNarrow(chart) ? VALUES : 0);
  const gutter = GUTTER * chart.marks;
  return { x: chart.x + gutter, y: chart.y + head, w: chart.w - gutter, h: chart.h - head - chart.marks - FOOT };
}

/**
 * @param {Chart} chart
 * @param {Pick<Scene, "steps" | "frames">} scene
 * @param {Ranges} ranges
 * @returns {import("./fit.js").Fit}
 */
export function fitChart(chart, scene, ranges) {
  const [low, high] = ranges[quantityOf(chart)];
  const box = plotBox(chart);
  const last = Math.max(1, scene.steps[scene.frames - 1]);
  const sx = (box.w - 10) / last;
  const sy = -(box.h - 8) / (high - low);
  return { sx, sy, mx: box.x + 5, my: box.y + box.h - 4 - low * sy };
}

/**
 * Returns a chart's curves with their colours.
 * @param {Chart} chart
 * @param {Path} path
 * @param {import("./theme.js").Theme} theme
 * @returns {[Row, string][]}
 */
export function rowsOf(chart, path, theme) {
  const quantity = quantityOf(chart);
  if (quantity === "losses") return path.excess.map((row, task) => [row, theme.tasks[task]]);
  const row = path[quantity];
  return row ? [[row, theme.ink]] : [];
}

/**
 * Returns whether a chart's value at a frame says nothing: cosine, ratio and condition number of gradients that have
 * vanished.
 * @param {Chart} chart
 * @param {Path} path
 * @param {number} frame
 */
export function meaningless(chart, path, frame) {
  return !["losses", "lag"].includes(chart.kind) && path.vanished[frame] === 1;
}

/**
 * Returns a value; one beyond the chart's range on its edge.
 * @param {ChartDrawing} drawing
 * @param {number} value
 */
export function bounded({ chart, ranges }, value) {
  const [low, high] = ranges[quantityOf(chart)];
  return Math.min(high, Math.max(low, value));
}

/**
 * @param {ChartDrawing} drawing
 * @param {string} text
 * @param {number} x
 * @param {number} y
 * @param {{size?: number, align?: CanvasTextAlign, colour?: string, weight?: number}} [how]
 */
export function write({ context, theme, chart }, text, x, y, { size = chart.marks, align = "left", colour = theme.muted, weight = 400 } = {}) {
  context.font = `${weight} ${size}px ${theme.font}`;
  context.textAlign = align;
  context.fillStyle = colour;
  context.fillText(text, x, y);
}

/**
 * Returns the chart under a spot of the canvas and whose run's it is, or null.
 * @param {import("./layout.js").Layout} layout
 * @param {{x: number, y: number}} spot
 */
export function chartUnder(layout, spot) {
  for (const [run, row] of layout.rows.entries()) {
    const chart = row.charts.find((box) => holds(box, spot));
    if (chart) return { run, chart };
  }
  return null;
}

/**
 * Returns the frame of the shared clock that is nearest to a spot in a chart.
 * @param {Chart} chart
 * @param {Scene} scene
 * @param {Ranges} ranges
 * @param {{x: number}} spot
 */
export function frameUnder(chart, scene, ranges, spot) {
  const fit = fitChart(chart, scene, ranges);
  return scene.frameAt((spot.x - fit.mx) / fit.sx);
}
