// A batch of labelled points: each task's decision line, the side it calls 1, and the points as its labels have them.

import { held, place } from "./fit.js";
import { arrow } from "./marks.js";
import { viewAt } from "./views.js";

/** @typedef {import("./panels.js").PanelDrawing} PanelDrawing */

const REACH = 1e4; // pixels: a line that runs out of every panel
const DOT = 3.6;

/**
 * A task's own space: the logit is the first coordinate, so everything right of the line is called 1.
 * @param {PanelDrawing} drawing
 */
export function drawSides({ context, panel, task, fit, theme }) {
  const x = fit.mx;
  context.fillStyle = theme.tasks[task];
  context.globalAlpha = 0.16;
  context.fillRect(x, panel.y, panel.x + panel.w - x, panel.h);
  context.globalAlpha = 1;
  context.strokeStyle = theme.tasks[task];
  context.lineWidth = 2.5;
  context.beginPath();
  context.moveTo(x, panel.y);
  context.lineTo(x, panel.y + panel.h);
  context.stroke();
}

/**
 * In z space: every task's line, with an arrow to the side that it calls 1. The arrows stand apart along the line.
 * @param {PanelDrawing} drawing
 * @param {import("./scene.js").Path} path
 */
export function drawDecisions({ context, panel, scene, frame, fit, theme }, path) {
  scene.tasks.forEach((_, task) => {
    const [a, b, , , e] = viewAt(path, task, frame);
    const square = a * a + b * b;
    if (square < 1e-12) return;
    const length = Math.sqrt(square);
    const [nx, ny] = [a / length, -b / length]; // on the canvas y points down
    const [tx, ty] = [-ny, nx];
    const [ox, oy] = place(fit, (-e * a) / square, (-e * b) / square);
    context.strokeStyle = theme.tasks[task];
    context.lineWidth = 2.5;
    context.setLineDash(task ? [9, 9] : []); // two lines in one place still show
    context.beginPath();
    context.moveTo(ox - REACH * tx, oy - REACH * ty);
    context.lineTo(ox + REACH * tx, oy + REACH * ty);
    context.stroke();
    context.setLineDash([]);
    const along = (0.22 + 0.16 * task) * panel.h;
    const size = 0.16 * panel.w;
    arrow(context, ox + along * tx, oy + along * ty, size * nx, size * ny, 3.5, theme.task_text[task], theme.surface);
  });
}

/**
 * A filled point is labelled 1 for the task whose space this is; z space shows the first task's labels.
 * @param {PanelDrawing} drawing
 */
export function drawCloud({ context, panel, scene, run, task, active, frame, fit, theme }) {
  if (!scene.labels || !run.cloud) return;
  const between = pointsAt(run.cloud, 2 * scene.labels.length * active, frame);
  const [a, b, c, d, e, f] = viewAt(task < 0 ? { view: null } : run.paths[active], task, frame);
  const colour = task < 0 ? theme.muted : theme.task_text[task];
  context.lineWidth = 1.5;
  context.strokeStyle = colour;
  scene.labels.forEach((label, n) => {
    const [x, y] = [between(2 * n), between(2 * n + 1)];
    const at = held(panel, ...place(fit, a * x + b * y + e, c * x + d * y + f), DOT + 3);
    context.beginPath();
    context.arc(...at, DOT, 0, 2 * Math.PI);
    context.fillStyle = (task === 1 ? !label : label) ? colour : theme.surface;
    context.fill();
    context.stroke();
  });
}

/**
 * Returns what reads a row of the batch's points at a frame, on a straight line between the frames that were sent.
 * @param {NonNullable<import("./scene.js").Run["cloud"]>} cloud
 * @param {number} from the first row of the start
 * @param {number} frame
 * @returns {(row: number) => number}
 */
function pointsAt({ every, points }, from, frame) {
  let i = 0;
  while (i + 2 < every.length && every[i + 1] <= frame) i++;
  const share = every.length > 1 ? Math.min(1, (frame - every[i]) / (every[i + 1] - every[i])) : 0;
  const j = Math.min(i + 1, every.length - 1);
  return (row) => points[from + row][i] * (1 - share) + points[from + row][j] * share;
}
