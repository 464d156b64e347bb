// One panel: z (or theta) space, a task's own space, or objective space. Here is what stands still in it.

import { boxFit, squareFit } from "./fit.js";
import { drawSides } from "./labels.js";
import { taskOf } from "./layout.js";
import { drawTurned } from "./space.js";

/** @typedef {import("./fit.js").Box} Box */

/** @typedef {import("./fit.js").Fit} Fit */

/** @typedef {import("./scene.js").Scene} Scene */

/**
 * A canvas to draw on, what is drawn, and with which colours. `active` is the start that is followed.
 * @typedef {object} Drawing
 * @property {CanvasRenderingContext2D} context
 * @property {Scene} scene
 * @property {import("./theme.js").Theme} theme
 * @property {number} active
 */

/**
 * One method's panel: `frame` is its run's, `task` whose space it is, -1 for none.
 * @typedef {Drawing & {panel: Box, run: import("./scene.js").Run, frame: number, task: number, fit: Fit}} PanelDrawing
 */

const SUB = ["₁", "₂", "₃", "₄", "₅", "₆", "₇", "₈", "₉"];

/**
 * @param {string} kind
 * @param {Scene} scene
 */
export function panelTitle(kind, scene) {
  if (kind === "objective") return "objective space";
  if (kind === "z") return scene.panels.includes("objective") ? "θ space" : "z space";
  return `r${SUB[taskOf(kind)]} space`;
}

/**
 * @param {Box} panel
 * @param {Scene} scene
 */
export function fitOf(panel, scene) {
  return panel.kind === "objective" && scene.objective ? boxFit(panel, scene.objective) : squareFit(panel, scene.view);
}

/**
 * Returns what the drawing of one panel needs.
 * @param {Drawing} drawing
 * @param {Box} panel
 * @param {import("./scene.js").Run} run
 * @param {number} frame
 * @returns {PanelDrawing}
 */
export function inPanel(drawing, panel, run, frame) {
  return { ...drawing, panel, run, frame, task: taskOf(panel.kind), fit: fitOf(panel, drawing.scene) };
}

/** @param {PanelDrawing} drawing */
export function drawStill(drawing) {
  const { context, panel, scene, run, task, theme } = drawing;
  drawTitle(drawing);
  context.save();
  context.beginPath();
  context.roundRect(panel.x, panel.y, panel.w, panel.h, 6);
  context.clip();
  context.fillStyle = theme.surface;
  context.fill();
  const own = scene.levels.find((family) => family.task === task);
  if (task >= 0 && own) drawLevels(drawing, own, theme.tasks[task]);
  if (task >= 0 && scene.labels) drawSides(drawing);
  if (panel.kind === "z" && !run.paths[0].view) drawTurned(drawing, run.paths[0], 0);
  if (panel.kind === "z" && scene.levels[0]?.task < 0) drawLevels(drawing, scene.levels[0], theme.muted);
  if (panel.kind === "objective") drawAxes(drawing);
  if (scene.front) drawFront(drawing, scene.front);
  context.restore();
  context.beginPath();
  context.roundRect(panel.x + 0.5, panel.y + 0.5, panel.w - 1, panel.h - 1, 6);
  context.strokeStyle = theme.grid;
  context.lineWidth = 1;
  context.stroke();
}

/** @param {PanelDrawing} drawing */
function drawTitle({ context, panel, scene, task, theme }) {
  context.font = `600 14px ${theme.font}`;
  context.textBaseline = "alphabetic";
  context.textAlign = "left";
  context.fillStyle = task < 0 ? theme.ink : theme.task_text[task];
  const whole = panelTitle(panel.kind, scene);
  const title = context.measureText(whole).width > panel.w ? whole.split(" ")[0] : whole;
  context.fillText(title, panel.x + 1, panel.y - 8);
  if (task < 0) return;
  const from = context.measureText(`${title}  `).width;
  context.font = `14px ${theme.font}`;
  const named = scene.tasks.every((name) => from + context.measureText(name).width < panel.w); // all are named, or none
  if (named) context.fillText(scene.tasks[task], panel.x + 1 + from, panel.y - 8);
}

/**
 * @param {PanelDrawing} drawing
 * @param {import("./scene.js").Levels} family
 * @param {string} colour
 */
function drawLevels({ context, fit }, family, colour) {
  const matrix = { a: fit.sx, b: 0, c: 0, d: fit.sy, e: fit.mx, f: fit.my };
  const every = family.curves.length > 10 ? 2 : 1;
  family.curves.forEach((curve, i) => {
    const placed = new Path2D();
    placed.addPath(curve, matrix);
    context.fillStyle = colour;
    context.strokeStyle = colour;
    if (i % every === 0) {
      context.globalAlpha = 0.045; // not less: eight bits round a paler tint into another hue
      context.fill(placed, "evenodd");
    }
    context.globalAlpha = 0.75 - 0.5 * (i / family.curves.length);
    context.lineWidth = 1.2;
    context.stroke(placed);
  });
  context.globalAlpha = 1;
}

/** @param {PanelDrawing} drawing */
function drawAxes({ context, panel, theme }) {
  context.font = `14px ${theme.font}`;
  context.fillStyle = theme.task_text[0];
  context.textAlign = "right";
  context.fillText("L₁ →", panel.x + panel.w - 10, panel.y + panel.h - 10);
  context.fillStyle = theme.task_text[1];
  context.textAlign = "left";
  context.fillText("↑ L₂", panel.x + 10, panel.y + 20);
}

/**
 * @param {PanelDrawing} drawing
 * @param {NonNullable<Scene["front"]>} front
 */
function drawFront({ context, panel, fit, theme }, front) {
  const points = panel.kind === "objective" ? front.objective : front.theta;
  if (panel.kind !== "objective" && panel.kind !== "z") return;
  context.strokeStyle = theme.front;
  context.lineWidth = 4;
  context.lineCap = "round";
  context.beginPath();
  points[0].forEach((value, i) => context.lineTo(fit.mx + value * fit.sx, fit.my + points[1][i] * fit.sy));
  context.stroke();
}
