// What stands still in a chart. Two layers are drawn once, the whole curves faint and the whole curves bright; each
// frame shows the bright one up to now (see cursor.js).

import {
  TEXT, bounded, fitChart, isLog, meaningless, plotBox, quantityOf, rowsOf, titleOf, write,
} from "./charts.js";
import { enveloped } from "./envelope.js";
import { isNear } from "./marks.js";
import { short, signed } from "./numbers.js";

/** @typedef {import("./charts.js").ChartDrawing} ChartDrawing */

const BAND = 0.4; // the opacity of what a curve sways over, beside its line's

/**
 * @param {ChartDrawing} drawing
 * @param {boolean} bright
 */
export function drawChartStill(drawing, bright) {
  const { context, chart, scene, run, active, theme, ranges } = drawing;
  const box = plotBox(chart);
  const fit = fitChart(chart, scene, ranges);
  context.fillStyle = theme.surface;
  context.beginPath();
  context.roundRect(box.x, box.y, box.w, box.h, 5);
  context.fill();
  drawGuide(drawing);
  if (!bright) drawWords(drawing); // bright ones are shown within their plots alone
  context.lineWidth = bright ? 2.5 : 1.5;
  context.lineJoin = "round";
  context.globalAlpha = bright ? 1 : 0.3;
  const path = run.paths[active];
  for (const [row, colour] of rowsOf(chart, path, theme)) {
    context.strokeStyle = colour;
    drawCurve(drawing, row, path, fit);
  }
  context.globalAlpha = 1;
}

/** @param {ChartDrawing} drawing */
function drawWords(drawing) {
  const { context, chart, scene } = drawing;
  context.textBaseline = "alphabetic";
  write(drawing, titleOf(chart, scene), chart.x + 1, chart.y + 15, { size: TEXT });
  drawMarks(drawing);
}

/**
 * @param {ChartDrawing} drawing
 * @param {import("./decode.js").Row} row
 * @param {import("./scene.js").Path} path
 * @param {import("./fit.js").Fit} fit
 */
function drawCurve(drawing, row, path, fit) {
  const { chart, run } = drawing;
  /** @type {import("./envelope.js").Spot[]} */
  let spots = [];
  row.forEach((value, i) => {
    if (!meaningless(chart, path, i)) spots.push({ x: fit.mx + run.steps[i] * fit.sx, y: fit.my + bounded(drawing, value) * fit.sy });
    else {
      drawPiece(drawing.context, spots);
      spots = [];
    }
  });
  drawPiece(drawing.context, spots);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {import("./envelope.js").Spot[]} spots
 */
function drawPiece(context, spots) {
  const { line, bands } = enveloped(spots);
  const alpha = context.globalAlpha;
  context.globalAlpha = BAND * alpha;
  context.fillStyle = context.strokeStyle;
  for (const { from, to, top, bottom } of bands) context.fillRect(from, top, to - from, bottom - top);
  context.globalAlpha = alpha;
  let [px, py] = [NaN, NaN];
  context.beginPath();
  line.forEach(({ x, y }, i) => {
    if (i < line.length - 1 && isNear(x - px, y - py)) return;
    context.lineTo(x, y);
    [px, py] = [x, y];
  });
  context.stroke();
}

/**
 * The line that gives a chart its meaning: solved (one a task where they differ), orthogonal, equal norms.
 * @param {ChartDrawing} drawing
 */
function drawGuide({ context, chart, scene, theme, ranges }) {
  const box = plotBox(chart);
  const fit = fitChart(chart, scene, ranges);
  if (chart.kind === "lag") return; // its zero is the plot's own edge
  const guides = quantityOf(chart) === "losses" ? (scene.guide ?? []).map(Math.log10) : [0];
  context.setLineDash([3, 4]);
  context.lineWidth = 1;
  guides.forEach((guide, task) => {
    const y = Math.round(fit.my + guide * fit.sy) + 0.5;
    context.strokeStyle = guides.length > 1 ? theme.tasks[task] : chart.kind === "losses" ? theme.front_text : theme.muted;
    context.beginPath();
    context.moveTo(box.x + 2, y);
    context.lineTo(box.x + box.w - 2, y);
    context.stroke();
  });
  context.setLineDash([]);
}

/**
 * Two marks of the quantity at the left, and under the plot the first step and the last.
 * @param {ChartDrawing} drawing
 */
function drawMarks(drawing) {
  const { chart, scene, ranges } = drawing;
  const [low, high] = ranges[quantityOf(chart)];
  const box = plotBox(chart);
  const fit = fitChart(chart, scene, ranges);
  const below = box.y + box.h + chart.marks + 1;
  const log = isLog(chart);
  for (const mark of log ? decades(low, high) : chart.kind === "lag" ? [0, wholeBelow(high)] : [-1, 0, 1]) {
    const y = Math.min(box.y + box.h - 1, Math.max(box.y + 0.75 * chart.marks, fit.my + mark * fit.sy + 4));
    write(drawing, log ? power(mark) : mark % 1 ? String(mark) : signed(mark, 0), box.x - 4, y, { align: "right" });
  }
  write(drawing, "0", box.x + 3, below);
  write(drawing, short(scene.steps[scene.frames - 1]), box.x + box.w - 2, below, { align: "right" });
}

/**
 * Returns the largest number of one digit that is not above a value.
 * @param {number} value
 */
export function wholeBelow(value) {
  const power = Math.floor(Math.log10(value) + 1e-9);
  return Number(`${Math.floor(value / 10 ** power + 1e-9)}e${power}`);
}

/**
 * Returns the whole powers of ten in a range: the two outermost where there are more, the nearest where there is none.
 * @param {number} low
 * @param {number} high
 */
export function decades(low, high) {
  const [first, last] = [Math.ceil(low - 1e-9), Math.floor(high + 1e-9)];
  if (first > last) return [Math.round((low + high) / 2)];
  return first === last ? [first] : [first, last];
}

/** @type {Record<string, string>} */
const RAISED = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

/** @param {number} exponent */
export function power(exponent) {
  if (exponent === 0) return "1";
  return `10${exponent === 1 ? "" : [...String(exponent)].map((c) => RAISED[c]).join("")}`;
}
