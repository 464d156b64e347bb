// The small curves of each method, on the same clock. Two layers are drawn once, the whole curves faint and the whole
// curves bright; each frame shows the bright one up to now, and the values there or under the pointer.

import { dot } from "./marks.js";
import { grouped, number, short, signed } from "./numbers.js";

const QUANTITIES = {
  losses: { title: "excess losses", log: true },
  cosine: { title: "cosine", log: false },
  ratio: { title: "norm ratio", log: true },
  condition: { title: "condition number", log: true },
};
const HEAD = 21; // the title's line
const TITLED = 100; // of a chart's width its longest title takes
const VALUES = 17; // a line of its own for the values, where they find no room beside the title
const NARROW = 205;
const FOOT = 17; // the steps' line
const GUTTER = 30; // the quantity's marks
const TEXT = 14;
const MARKS = 12;
export const VANISHED = "gradients have vanished: every task is at its optimum";
export const CAPPED = "at the largest condition number that can be told from rounding, or beyond it";

export function plotBox(chart) {
  const head = HEAD + (chart.w < NARROW ? VALUES : 0);
  return { x: chart.x + GUTTER, y: chart.y + head, w: chart.w - GUTTER, h: chart.h - head - FOOT };
}

export function fitChart(chart, scene) {
  const [low, high] = scene.ranges[chart.kind];
  const box = plotBox(chart);
  const last = Math.max(1, scene.steps[scene.frames - 1]);
  const sx = (box.w - 10) / last;
  const sy = -(box.h - 8) / (high - low);
  return { sx, sy, mx: box.x + 5, my: box.y + box.h - 4 - low * sy };
}

// Of more than two tasks the cosine is the mean over their pairs.
function titleOf(kind, scene) {
  return kind === "cosine" && scene.tasks.length > 2 ? "mean cosine" : QUANTITIES[kind].title;
}

function rowsOf(chart, path, theme) {
  if (chart.kind === "losses") return path.excess.map((row, task) => [row, theme.tasks[task]]);
  return [[path[chart.kind], theme.ink]];
}

// Whether a chart's value at a frame says nothing: cosine, ratio and condition number of gradients that have vanished.
function meaningless(chart, path, frame) {
  return chart.kind !== "losses" && path.vanished[frame] === 1;
}

// A value beyond the chart's range, on its edge.
function bounded(chart, scene, value) {
  const [low, high] = scene.ranges[chart.kind];
  return Math.min(high, Math.max(low, value));
}

// --- the still layers ---

export function drawChartStill(context, chart, scene, run, active, theme, bright) {
  const box = plotBox(chart);
  const fit = fitChart(chart, scene);
  context.textBaseline = "alphabetic";
  write(context, theme, TEXT, "left", theme.muted, titleOf(chart.kind, scene), chart.x + 1, chart.y + 15);
  context.fillStyle = theme.surface;
  context.beginPath();
  context.roundRect(box.x, box.y, box.w, box.h, 5);
  context.fill();
  drawGuide(context, chart, scene, box, fit, theme);
  drawMarks(context, chart, scene, box, fit, theme);
  context.lineWidth = bright ? 2.5 : 1.5;
  context.lineJoin = "round";
  context.globalAlpha = bright ? 1 : 0.3;
  const path = run.paths[active];
  for (const [row, colour] of rowsOf(chart, path, theme)) {
    context.strokeStyle = colour;
    context.beginPath();
    row.forEach((value, i) => {
      const end = meaningless(chart, path, i) ? "moveTo" : "lineTo";
      context[end](fit.mx + run.steps[i] * fit.sx, fit.my + bounded(chart, scene, value) * fit.sy);
    });
    context.stroke();
  }
  context.globalAlpha = 1;
}

// The line that gives a chart its meaning: solved (one a task where they differ), orthogonal, equal norms.
function drawGuide(context, chart, scene, box, fit, theme) {
  const solved = (scene.guide ?? []).map(Math.log10);
  const guides = { losses: solved, cosine: [0], ratio: [0], condition: [0] }[chart.kind];
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

// Two marks of the quantity at the left, and under the plot the first step and the last.
function drawMarks(context, chart, scene, box, fit, theme) {
  const [low, high] = scene.ranges[chart.kind];
  const { log } = QUANTITIES[chart.kind];
  const below = box.y + box.h + 13;
  for (const mark of log ? decades(low, high) : [-1, 0, 1]) {
    const y = Math.min(box.y + box.h - 1, Math.max(box.y + 9, fit.my + mark * fit.sy + 4));
    write(context, theme, MARKS, "right", theme.muted, log ? power(mark) : signed(mark, 0), box.x - 4, y);
  }
  write(context, theme, MARKS, "left", theme.muted, "0", box.x + 3, below);
  write(context, theme, MARKS, "right", theme.muted, short(scene.steps[scene.frames - 1]), box.x + box.w - 2, below);
}

// The whole powers of ten in a range, the two outermost where there are more; the nearest one where there is none.
function decades(low, high) {
  const [first, last] = [Math.ceil(low - 1e-9), Math.floor(high + 1e-9)];
  if (first > last) return [Math.round((low + high) / 2)];
  return first === last ? [first] : [first, last];
}

const RAISED = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

function power(exponent) {
  if (exponent === 0) return "1";
  return `10${exponent === 1 ? "" : [...String(exponent)].map((c) => RAISED[c]).join("")}`;
}

// --- the moving layer ---

// shown: the frame whose values are written, that of the pointer where there is one.
export function drawChartMoving(context, chart, scene, run, frame, shown, active, bright, ratio, theme) {
  const box = plotBox(chart);
  const fit = fitChart(chart, scene);
  const path = run.paths[active];
  const x = fit.mx + run.steps[frame] * fit.sx;
  const [left, top] = [Math.round(box.x * ratio), Math.round(box.y * ratio)];
  const [wide, high] = [Math.round(x * ratio) - left, Math.round(box.h * ratio)];
  if (wide > 0) context.drawImage(bright, left, top, wide, high, left / ratio, top / ratio, wide / ratio, high / ratio);
  drawLine(context, x, box, theme.muted);
  const pointed = shown >= 0;
  const at = pointed ? shown : frame;
  const here = fit.mx + run.steps[at] * fit.sx;
  if (pointed) drawLine(context, here, box, theme.ink);
  const gone = meaningless(chart, path, at);
  if (!gone)
    for (const [row, colour] of rowsOf(chart, path, theme))
      dot(context, here, fit.my + bounded(chart, scene, row[at]) * fit.sy, 3.5, colour, theme.surface);
  drawValues(context, chart, path, at, theme);
  const step = pointed ? `step ${grouped(run.steps[at])}` : "step";
  write(context, theme, MARKS, "center", pointed ? theme.ink : theme.muted, step, box.x + box.w / 2, box.y + box.h + 13);
  if (gone) drawWhy(context, box, theme);
}

function drawLine(context, x, box, colour) {
  context.lineWidth = 1;
  context.strokeStyle = colour;
  context.beginPath();
  context.moveTo(Math.round(x) + 0.5, box.y + 2);
  context.lineTo(Math.round(x) + 0.5, box.y + box.h - 2);
  context.stroke();
}

function drawValues(context, chart, path, frame, theme) {
  let right = chart.x + chart.w - 1;
  const narrow = chart.w < NARROW;
  const y = chart.y + 15 + (narrow ? VALUES : 0);
  const values = valuesAt(chart, path, frame, theme);
  const room = narrow ? chart.w : chart.w - TITLED;
  for (const [text, colour] of values.length > 2 ? fitting(context, values, theme, room) : values) {
    write(context, theme, TEXT, "right", colour, text, right, y, 600);
    right -= context.measureText(text).width + 8;
  }
}

// Of values that do not fit beside each other only the largest is written, and said to be the largest.
function fitting(context, values, theme, room) {
  context.font = `600 ${TEXT}px ${theme.font}`;
  const wide = values.reduce((sum, [text]) => sum + context.measureText(text).width + 8, -8);
  if (wide <= room) return values;
  const largest = values.reduce((kept, value) => (value[2] > kept[2] ? value : kept));
  return [[`most ${largest[0]}`, largest[1]]];
}

// The values to write, the last one first, since they stand at the right.
function valuesAt(chart, path, frame, theme) {
  if (chart.kind === "losses")
    return path.excess.map((row, task) => [number(10 ** row[frame]), theme.task_text[task], row[frame]]).reverse();
  return [[valueAt(chart.kind, path, frame), theme.ink]];
}

// Returns one of the quantities that are about the gradients, as it is written.
export function valueAt(kind, path, frame) {
  if (path.vanished[frame]) return "–";
  if (kind === "cosine") return signed(path.cosine[frame]);
  if (kind === "condition" && path.capped[frame]) return `≥ ${(10 ** path.condition[frame]).toExponential(1).replace("+", "")}`;
  return number(10 ** path[kind][frame]);
}

function drawWhy(context, box, theme) {
  const [x, y] = [box.x + 7, box.y + box.h / 2];
  write(context, theme, MARKS, "left", theme.ink, "gradients", x, y - 2);
  write(context, theme, MARKS, "left", theme.ink, "have vanished", x, y + 12);
}

function write(context, theme, size, align, colour, text, x, y, weight = 400) {
  context.font = `${weight} ${size}px ${theme.font}`;
  context.textAlign = align;
  context.fillStyle = colour;
  context.fillText(text, x, y);
}

// --- the pointer ---

// Returns {run, chart} of the chart under a spot of the canvas, or null.
export function chartUnder(layout, spot) {
  for (const [run, row] of layout.rows.entries()) {
    const chart = row.charts.find((c) => spot.x >= c.x && spot.x <= c.x + c.w && spot.y >= c.y && spot.y <= c.y + c.h);
    if (chart) return { run, chart };
  }
  return null;
}

// Returns the frame of the shared clock that is nearest to a spot in a chart.
export function frameUnder(chart, scene, spot) {
  const fit = fitChart(chart, scene);
  return scene.frameAt((spot.x - fit.mx) / fit.sx);
}

// Returns why a chart shows no plain value at a frame, "" where it does.
export function whyNot(kind, path, frame) {
  if (kind === "losses") return "";
  if (path.vanished[frame]) return VANISHED;
  return kind === "condition" && path.capped[frame] ? CAPPED : "";
}
