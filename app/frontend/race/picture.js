// The race's two panels: where all methods' paths are, and what losses they have there.

import { boxFit, held, place, squareFit } from "../stage/fit.js";
import { cross, dot, isNear, ring, star } from "../stage/marks.js";
import { power } from "../stage/curves.js";
import { lineOf } from "./lines.js";

/** @typedef {import("../stage/scene.js").Scene} Scene */
/** @typedef {import("../stage/scene.js").Path} Path */
/** @typedef {import("../stage/fit.js").Box} Box */
/** @typedef {import("../stage/decode.js").Row} Row */
/** @typedef {{ box: Box, fit: import("../stage/fit.js").Fit, line: (path: Path) => [Row, Row], log: boolean }} Panel */
/**
 * @typedef {{ context: CanvasRenderingContext2D, scene: Scene, theme: import("../stage/theme.js").Theme, active: number,
 *   frame: number }} Drawing
 */

const LEAST = -6; // log10 of the smallest excess loss that is told apart

/**
 * Returns both panels: the space that is optimised, and the losses, as excess losses where the problem has no objective
 * space of its own.
 * @param {Box[]} boxes
 * @param {Scene} scene
 * @returns {Panel[]}
 */
export function fitsOf([z, losses], scene) {
  const log = !scene.objective;
  const rows = scene.runs.flatMap((run) => run.paths.map((path) => path.excess.slice(0, 2)));
  const fit = scene.objective ? boxFit(losses, scene.objective) : boxFit(losses, excessBox(rows));
  return [
    { box: z, fit: squareFit(z, scene.view), line: (path) => [path.x, path.y], log: false },
    { box: losses, fit, line: (path) => (log ? [path.excess[0], path.excess[1]] : [path.losses[0], path.losses[1]]), log },
  ];
}

/**
 * Returns one range for both tasks' logarithms of the excess: x low, x high, y low, y high.
 * @param {Row[][]} paths
 * @returns {[number, number, number, number]}
 */
export function excessBox(paths) {
  let [low, high] = [Infinity, -Infinity];
  for (const row of paths.flat())
    for (const value of row) {
      low = Math.min(low, Math.max(value, LEAST));
      high = Math.max(high, value);
    }
  const top = Math.min(high, Math.max(...paths.flat().map((row) => row[0])) + 1.5) + 0.15;
  return [Math.min(low, top - 1) - 0.15, top, Math.min(low, top - 1) - 0.15, top];
}

/**
 * @param {Drawing} drawing
 * @param {Panel[]} panels
 */
export function drawRace(drawing, panels) {
  for (const panel of panels) {
    drawGround(drawing, panel);
    drawing.scene.runs.forEach((_, method) => drawMethod(drawing, panel, method));
    drawing.context.restore();
    drawTitle(drawing, panel);
  }
}

/**
 * The panel's ground; what is drawn next is cut at its edge.
 * @param {Drawing} drawing
 * @param {Panel} panel
 */
function drawGround({ context, scene, theme }, { box, fit, log }) {
  context.save();
  context.beginPath();
  context.roundRect(box.x, box.y, box.w, box.h, 6);
  context.fillStyle = theme.surface;
  context.fill();
  context.strokeStyle = theme.grid;
  context.lineWidth = 1;
  context.stroke();
  context.clip();
  const still = scene.runs.some((run) => !run.paths[0].view); // they see the tasks as they are
  if (box.kind === "z" && still) drawLevels(context, scene, fit, theme);
  if (log) drawDecades(context, box, fit, theme);
  const points = scene.front && (box.kind === "z" ? scene.front.theta : scene.front.objective);
  if (!points) return;
  context.beginPath();
  points[0].forEach((value, i) => context.lineTo(...place(fit, value, points[1][i])));
  context.strokeStyle = theme.front;
  context.lineWidth = 4;
  context.stroke();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 * @param {import("../stage/fit.js").Fit} fit
 * @param {import("../stage/theme.js").Theme} theme
 */
function drawLevels(context, scene, fit, theme) {
  context.lineWidth = 1;
  for (const family of scene.levels) {
    const placed = new Path2D();
    for (const half of family.halves) placed.addPath(half, { a: fit.sx, b: 0, c: 0, d: fit.sy, e: fit.mx, f: fit.my });
    context.strokeStyle = family.task < 0 ? theme.muted : theme.tasks[family.task];
    context.globalAlpha = 0.35;
    context.stroke(placed);
    context.globalAlpha = 1;
  }
}

/**
 * A line at every power of ten, every second one with its name below.
 * @param {CanvasRenderingContext2D} context
 * @param {Box} box
 * @param {import("../stage/fit.js").Fit} fit
 * @param {import("../stage/theme.js").Theme} theme
 */
function drawDecades(context, box, fit, theme) {
  /** @type {[string, number][]} */ const named = [];
  context.strokeStyle = theme.grid;
  context.lineWidth = 1;
  context.beginPath();
  for (let decade = LEAST; decade <= 6; decade++) {
    const [x, y] = place(fit, decade, decade);
    context.moveTo(x, box.y);
    context.lineTo(x, box.y + box.h);
    context.moveTo(box.x, y);
    context.lineTo(box.x + box.w, y);
    if (decade % 2 === 0 && x > box.x + 20 && x < box.x + box.w - 70) named.push([power(decade), x]);
  }
  context.stroke();
  context.font = `12px ${theme.font}`;
  context.fillStyle = theme.muted;
  context.textAlign = "center";
  for (const [text, x] of named) context.fillText(text, x, box.y + box.h - 8);
}

/**
 * One method's paths up to the frame, the followed one strong.
 * @param {Drawing} drawing
 * @param {Panel} panel
 * @param {number} method
 */
function drawMethod({ context, scene, theme, active, frame }, { box, fit, line }, method) {
  const run = scene.runs[method];
  const { colour, dash } = lineOf(theme, method);
  const at = run.at[frame];
  context.strokeStyle = colour;
  context.lineJoin = "round";
  context.setLineDash(dash.split(" ").filter(Boolean).map(Number));
  run.paths.forEach((path, s) => {
    context.lineWidth = s === active ? 3.5 : 2;
    context.globalAlpha = s === active ? 1 : 0.6;
    stroke(context, line(path), at, fit);
  });
  context.setLineDash([]);
  context.globalAlpha = 1;
  run.paths.forEach((path, s) => {
    const [x, y] = line(path);
    ring(context, ...place(fit, x[0], y[0]), 5, theme.ink, theme.surface, 2);
    const now = held(box, ...place(fit, x[at], y[at]), 8);
    if (path.outcome[0] !== 0 && run.steps[at] >= path.outcome[1]) cross(context, ...now, 7, colour);
    else dot(context, ...now, s === active ? 7 : 5, colour, theme.surface);
  });
  if (method === scene.runs.length - 1 && scene.star) {
    const [x, y] = box.kind === "z" ? scene.star.theta : scene.star.objective;
    star(context, ...place(fit, x, y), 12, theme.front_text, theme.surface);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {[Row, Row]} line
 * @param {number} last
 * @param {import("../stage/fit.js").Fit} fit
 */
function stroke(context, [x, y], last, fit) {
  let [px, py] = place(fit, x[0], y[0]);
  context.beginPath();
  context.moveTo(px, py);
  for (let i = 1; i <= last; i++) {
    const [qx, qy] = place(fit, x[i], y[i]);
    if (i < last && isNear(qx - px, qy - py)) continue;
    context.lineTo(qx, qy);
    [px, py] = [qx, qy];
  }
  context.stroke();
}

/**
 * @param {Drawing} drawing
 * @param {Panel} panel
 */
function drawTitle({ context, scene, theme }, { box, log }) {
  context.font = `600 14px ${theme.font}`;
  context.textAlign = "left";
  context.textBaseline = "alphabetic";
  context.fillStyle = theme.ink;
  const space = scene.objective ? "θ space" : "z space";
  const losses = log ? "excess losses of tasks 1 and 2, logarithms" : "objective space";
  context.fillText(box.kind === "z" ? space : losses, box.x + 1, box.y - 8);
  if (box.kind === "z") return;
  context.font = `14px ${theme.font}`;
  context.fillStyle = theme.task_text[0];
  context.textAlign = "right";
  context.fillText("L₁ →", box.x + box.w - 10, box.y + box.h - 10);
  context.fillStyle = theme.task_text[1];
  context.textAlign = "left";
  context.fillText("↑ L₂", box.x + 10, box.y + 20);
}
