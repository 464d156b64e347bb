// What moves in a chart: its curves up to now, and the values there or under the pointer.

import {
  TEXT, VALUES, bounded, fitChart, isNarrow, meaningless, plotBox, quantityOf, rowsOf, write,
} from "./charts.js";
import { dot } from "./marks.js";
import { grouped, number, short } from "./numbers.js";
import { valueAt } from "./readings.js";

/** @typedef {import("./charts.js").ChartDrawing} ChartDrawing */

/** @typedef {Omit<import("./fit.js").Box, "kind">} Plot */

/** @typedef {[text: string, colour: string, size: number]} Value */

const TOUCH = 4; // pixels by which words in a chart's foot may touch
const TITLED = 100; // of a chart's width its longest title takes

/**
 * @param {ChartDrawing} drawing
 * @param {number} frame
 * @param {number} pointed the frame under the pointer, whose values are written then; -1: none
 * @param {CanvasImageSource} bright the layer of bright curves
 * @param {number} ratio its pixels to one of CSS
 */
export function drawChartMoving(drawing, frame, pointed, bright, ratio) {
  const { context, chart, scene, run, active, theme, ranges } = drawing;
  const box = plotBox(chart);
  const fit = fitChart(chart, scene, ranges);
  const path = run.paths[active];
  const x = fit.mx + run.steps[frame] * fit.sx;
  reveal(context, box, x, bright, ratio);
  drawLine(context, x, box, theme.muted);
  const at = pointed >= 0 ? pointed : frame;
  const here = fit.mx + run.steps[at] * fit.sx;
  if (pointed >= 0) drawLine(context, here, box, theme.ink);
  const gone = meaningless(chart, path, at);
  if (!gone)
    for (const [row, colour] of rowsOf(chart, path, theme))
      dot(context, here, fit.my + bounded(drawing, row[at]) * fit.sy, 3.5, colour, theme.surface);
  drawValues(drawing, at);
  const [word, value] = pointed < 0 ? ["step", ""] : [`step ${grouped(run.steps[at])}`, grouped(run.steps[at])];
  const step = hasRoom(drawing, box, word) ? word : value;
  const colour = pointed >= 0 ? theme.ink : theme.muted;
  write(drawing, step, box.x + box.w / 2, box.y + box.h + chart.marks + 1, { align: "center", colour });
  if (gone) drawWhy(drawing, box);
}

/**
 * Returns whether there is room for words between the first step and the last.
 * @param {ChartDrawing} drawing
 * @param {Plot} box
 * @param {string} words
 */
function hasRoom({ context, chart, scene, theme }, box, words) {
  context.font = `400 ${chart.marks}px ${theme.font}`;
  const wide = (/** @type {string} */ text) => context.measureText(text).width;
  return wide(words) / 2 + wide(short(scene.steps[scene.frames - 1])) <= box.w / 2 + TOUCH;
}

/**
 * Shows the bright curves up to x.
 * @param {CanvasRenderingContext2D} context
 * @param {Plot} box
 * @param {number} x
 * @param {CanvasImageSource} bright
 * @param {number} ratio
 */
function reveal(context, box, x, bright, ratio) {
  const [left, top] = [Math.round(box.x * ratio), Math.round(box.y * ratio)];
  const [wide, high] = [Math.round(x * ratio) - left, Math.round(box.h * ratio)];
  if (wide > 0) context.drawImage(bright, left, top, wide, high, left / ratio, top / ratio, wide / ratio, high / ratio);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {Plot} box
 * @param {string} colour
 */
function drawLine(context, x, box, colour) {
  context.lineWidth = 1;
  context.strokeStyle = colour;
  context.beginPath();
  context.moveTo(Math.round(x) + 0.5, box.y + 2);
  context.lineTo(Math.round(x) + 0.5, box.y + box.h - 2);
  context.stroke();
}

/**
 * @param {ChartDrawing} drawing
 * @param {number} frame
 */
function drawValues(drawing, frame) {
  const { context, chart } = drawing;
  let right = chart.x + chart.w - 1;
  const narrow = isNarrow(chart);
  const y = chart.y + 15 + (narrow ? VALUES : 0);
  const values = valuesAt(drawing, frame);
  const room = narrow ? chart.w : chart.w - TITLED;
  for (const [text, colour] of values.length > 2 ? fitting(drawing, values, room) : values) {
    write(drawing, text, right, y, { size: TEXT, align: "right", colour, weight: 600 });
    right -= context.measureText(text).width + 8;
  }
}

/**
 * Of values that do not fit beside each other only the largest is written, and said to be the largest.
 * @param {ChartDrawing} drawing
 * @param {Value[]} values
 * @param {number} room
 * @returns {Value[]}
 */
function fitting({ context, theme }, values, room) {
  context.font = `600 ${TEXT}px ${theme.font}`;
  const wide = values.reduce((sum, [text]) => sum + context.measureText(text).width + 8, -8);
  if (wide <= room) return values;
  const largest = values.reduce((kept, value) => (value[2] > kept[2] ? value : kept));
  return [[`most ${largest[0]}`, largest[1], largest[2]]];
}

/**
 * Returns the values to write, the last one first, since they stand at the right.
 * @param {ChartDrawing} drawing
 * @param {number} frame
 * @returns {Value[]}
 */
function valuesAt({ chart, run, active, theme }, frame) {
  const path = run.paths[active];
  const quantity = quantityOf(chart);
  if (quantity !== "losses") return [[valueAt(quantity, path, frame), theme.ink, path[quantity]?.[frame] ?? 0]];
  /** @type {Value[]} */
  const values = path.excess.map((row, task) => [number(10 ** row[frame]), theme.task_text[task], row[frame]]);
  return values.reverse();
}

/**
 * @param {ChartDrawing} drawing
 * @param {Plot} box
 */
function drawWhy(drawing, box) {
  const [x, y] = [box.x + 7, box.y + box.h / 2];
  write(drawing, "gradients", x, y - 2, { colour: drawing.theme.ink });
  write(drawing, "have vanished", x, y + drawing.chart.marks, { colour: drawing.theme.ink });
}
