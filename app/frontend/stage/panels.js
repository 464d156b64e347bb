// One panel: z (or theta) space, a task's own space, or objective space. A still layer drawn once, a moving one per frame.

import { drawCloud, drawDecisions, drawSides } from "./labels.js";
import { boxFit, squareFit } from "./layout.js";
import { arrow, cross, dot, ring, star, trail } from "./marks.js";
import { unseen, viewAt } from "./scene.js";

const SUB = ["₁", "₂", "₃", "₄", "₅", "₆", "₇", "₈", "₉"];

export function taskOf(kind) {
  return kind.startsWith("r") ? Number(kind.slice(1)) : -1;
}

export function panelTitle(kind, scene) {
  if (kind === "objective") return "objective space";
  if (kind === "z") return scene.panels.includes("objective") ? "θ space" : "z space";
  return `r${SUB[taskOf(kind)]} space`;
}

export function fitOf(panel, scene) {
  return panel.kind === "objective" ? boxFit(panel, scene.objective) : squareFit(panel, scene.view);
}

function clipTo(context, panel) {
  context.beginPath();
  context.roundRect(panel.x, panel.y, panel.w, panel.h, 6);
  context.clip();
}

// --- the still layer ---

export function drawStill(context, panel, scene, run, theme) {
  const task = taskOf(panel.kind);
  context.font = `600 14px ${theme.font}`;
  context.textBaseline = "alphabetic";
  context.textAlign = "left";
  context.fillStyle = task < 0 ? theme.ink : theme.task_text[task];
  const title = panelTitle(panel.kind, scene);
  context.fillText(title, panel.x + 1, panel.y - 8);
  if (task >= 0) {
    const from = context.measureText(`${title}  `).width;
    context.font = `14px ${theme.font}`;
    const named = scene.tasks.every((name) => from + context.measureText(name).width < panel.w); // all are named, or none
    if (named) context.fillText(scene.tasks[task], panel.x + 1 + from, panel.y - 8);
  }
  context.save();
  clipTo(context, panel);
  context.fillStyle = theme.surface;
  context.fill();
  const fit = fitOf(panel, scene);
  const own = scene.levels.find((family) => family.task === task);
  if (task >= 0 && own) drawLevels(context, own, fit, theme.tasks[task]);
  if (task >= 0 && scene.labels) drawSides(context, panel, task, fit, theme);
  if (panel.kind === "z" && !run.paths[0].view) drawTurned(context, scene, run.paths[0], 0, fit, theme);
  if (panel.kind === "z" && scene.levels[0]?.task < 0) drawLevels(context, scene.levels[0], fit, theme.muted);
  if (panel.kind === "objective") drawAxes(context, panel, theme);
  if (scene.front) drawFront(context, panel, scene, fit, theme);
  context.restore();
  context.beginPath();
  context.roundRect(panel.x + 0.5, panel.y + 0.5, panel.w - 1, panel.h - 1, 6);
  context.strokeStyle = theme.grid;
  context.lineWidth = 1;
  context.stroke();
}

function drawLevels(context, family, fit, colour) {
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

function drawAxes(context, panel, theme) {
  context.font = `14px ${theme.font}`;
  context.fillStyle = theme.task_text[0];
  context.textAlign = "right";
  context.fillText("L₁ →", panel.x + panel.w - 10, panel.y + panel.h - 10);
  context.fillStyle = theme.task_text[1];
  context.textAlign = "left";
  context.fillText("↑ L₂", panel.x + 10, panel.y + 20);
}

function drawFront(context, panel, scene, fit, theme) {
  const points = panel.kind === "objective" ? scene.front.objective : scene.front.theta;
  if (panel.kind !== "objective" && panel.kind !== "z") return;
  context.strokeStyle = theme.front;
  context.lineWidth = 4;
  context.lineCap = "round";
  context.beginPath();
  points[0].forEach((value, i) => context.lineTo(fit.mx + value * fit.sx, fit.my + points[1][i] * fit.sy));
  context.stroke();
}

// --- the moving layer ---

export function drawMoving(context, panel, scene, run, frame, active, theme) {
  const fit = fitOf(panel, scene);
  context.save();
  context.beginPath();
  context.rect(panel.x + 1, panel.y + 1, panel.w - 2, panel.h - 2); // a straight clip is a cheap one
  context.clip();
  if (panel.kind === "objective") drawObjective(context, panel, scene, run, frame, active, fit, theme);
  else drawSpace(context, panel, scene, run, frame, active, fit, theme);
  context.restore();
}

function drawSpace(context, panel, scene, run, frame, active, fit, theme) {
  const task = taskOf(panel.kind);
  if (scene.labels) {
    drawLabelled(context, panel, scene, run, task, frame, active, fit, theme);
    return;
  }
  const colour = task < 0 ? theme.ink : theme.tasks[task];
  if (task < 0) {
    if (run.paths[active].view) drawTurned(context, scene, run.paths[active], frame, fit, theme);
    if (scene.star) drawStar(context, scene.star.theta, fit, theme);
    else drawStars(context, scene, run.paths[active], frame, fit, theme);
  }
  else if (scene.optima[task]) star(context, ...place(fit, ...scene.optima[task]), 11, theme.tasks[task], theme.surface);
  const tail = Math.max(24, Math.round(scene.frames / 5));
  run.paths.forEach((path, s) => {
    const { x, y } = task < 0 ? path : path.seen[task];
    trail(context, x, y, frame, fit, colour, s === active ? 3.4 : 2.4, tail);
  });
  run.paths.forEach((path, s) => {
    const { x, y } = task < 0 ? path : path.seen[task];
    ring(context, ...place(fit, x[0], y[0]), 6, colour, theme.surface, 2.5);
  });
  run.paths.forEach((path, s) => {
    const { x, y } = task < 0 ? path : path.seen[task];
    const [px, py] = place(fit, x[frame], y[frame]);
    const [hx, hy] = held(panel, px, py);
    if (s === active) drawArrows(context, panel, scene, path, frame, task, px, py, theme);
    if (path.outcome[0] !== 0 && frame >= stopFrame(run, path)) cross(context, hx, hy, 8, theme.warning);
    else if (Math.hypot(px - hx, py - hy) > 20) ring(context, hx, hy, 6, theme.warning, theme.surface, 3);
    else {
      if (path.solved >= 0 && run.steps[frame] >= path.solved) ring(context, px, py, 11, theme.front, "transparent", 3);
      dot(context, px, py, s === active ? 6.5 : 4.5, colour, theme.surface);
    }
  });
}

// A whole batch: its points and the lines between the classes; a mean of the points would stand for nothing.
function drawLabelled(context, panel, scene, run, task, frame, active, fit, theme) {
  const path = run.paths[active];
  drawCloud(context, panel, scene, run, task, active, frame, fit, theme);
  if (task < 0) drawDecisions(context, panel, scene, path, frame, fit, theme);
  const [x, y] = [panel.x + panel.w - 16, panel.y + 16];
  if (path.outcome[0] !== 0 && frame >= stopFrame(run, path)) cross(context, x, y, 8, theme.warning);
  else if (path.solved >= 0 && run.steps[frame] >= path.solved) ring(context, x, y, 8, theme.front, "transparent", 3);
}

export function stopFrame(run, path) {
  const frame = run.steps.findIndex((step) => step >= path.outcome[1]);
  return frame < 0 ? run.steps.length - 1 : frame;
}

// A mark that left the panel, at its edge.
export function held(panel, x, y, edge = 14) {
  return [
    Math.min(panel.x + panel.w - edge, Math.max(panel.x + edge, x)),
    Math.min(panel.y + panel.h - edge, Math.max(panel.y + edge, y)),
  ];
}

export function place(fit, x, y) {
  return [fit.mx + x * fit.sx, fit.my + y * fit.sy];
}

// Both tasks' level curves as z space has them at a frame: each family taken back through its task's view.
// Lines of one device pixel: the browser strokes them several times faster than any wider ones.
export function drawTurned(context, scene, path, frame, fit, theme) {
  for (const family of scene.levels) {
    const back = family.task < 0 ? null : unseen(viewAt(path, family.task, frame));
    if (!back) continue;
    const matrix = {
      a: fit.sx * back.a, b: fit.sy * back.b, c: fit.sx * back.c, d: fit.sy * back.d,
      e: fit.sx * back.e + fit.mx, f: fit.sy * back.f + fit.my,
    };
    context.strokeStyle = theme.tasks[family.task];
    context.lineWidth = (window.devicePixelRatio || 1) > 1 ? 1.3 : 1;
    family.halves.forEach((half, outer) => {
      const placed = new Path2D();
      placed.addPath(half, matrix);
      context.globalAlpha = outer ? 0.5 : 1;
      context.stroke(placed);
    });
    context.globalAlpha = 1;
  }
}

function drawStars(context, scene, path, frame, fit, theme) {
  scene.optima.forEach(([x, y], task) => {
    const back = unseen(viewAt(path, task, frame));
    if (!back) return;
    const at = place(fit, back.a * x + back.c * y + back.e, back.b * x + back.d * y + back.f);
    star(context, ...at, 11, theme.tasks[task], theme.surface);
  });
}

// The one optimum of the weighted sum, in place of the tasks' own; its points show around a path that ends there.
function drawStar(context, [x, y], fit, theme) {
  star(context, ...place(fit, x, y), 15, theme.front_text, theme.surface);
}

function drawArrows(context, panel, scene, path, frame, task, px, py, theme) {
  const unit = 0.27 * Math.min(panel.w, panel.h);
  const draw = ([x, y], width, colour) =>
    arrow(context, px, py, -x * unit, y * unit, width, colour, theme.surface);
  if (task >= 0) {
    if (scene.d === 2) draw(seenArrow(path, task, frame), 3, theme.task_text[task]);
    return;
  }
  draw([path.update[0][frame], path.update[1][frame]], 5.5, theme.update); // beneath: tasks along it still show
  path.gradients.forEach(([x, y], k) => draw([x[frame], y[frame]], 3, theme.task_text[k]));
}

// The gradient at r_k, from the one at z, which is A^T times it; drawn lengths are roots of norms.
function seenArrow(path, task, frame) {
  const [x, y] = [path.gradients[task][0][frame], path.gradients[task][1][frame]];
  const back = unseen(viewAt(path, task, frame));
  if (!back) return [0, 0];
  const length = Math.hypot(x, y);
  const [gx, gy] = [(back.a * x + back.b * y) * length, (back.c * x + back.d * y) * length];
  const root = Math.sqrt(Math.hypot(gx, gy)) || 1;
  return [gx / root, gy / root];
}

function drawObjective(context, panel, scene, run, frame, active, fit, theme) {
  const tail = Math.max(24, Math.round(scene.frames / 5));
  if (scene.star) drawStar(context, scene.star.objective, fit, theme);
  run.paths.forEach((path, s) => {
    const [x, y] = path.losses;
    trail(context, x, y, frame, fit, theme.ink, s === active ? 3.4 : 2.4, tail);
  });
  run.paths.forEach((path, s) => {
    const [x, y] = path.losses;
    ring(context, ...place(fit, x[0], y[0]), 5, theme.ink, theme.surface, 2.5);
    dot(context, ...place(fit, x[frame], y[frame]), s === active ? 6.5 : 4.5, theme.ink, theme.surface);
  });
}
