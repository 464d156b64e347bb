// What moves in a panel of a space: paths, arrows, optima, and level curves that turn.

import { held, place } from "./fit.js";
import { drawCloud, drawDecisions } from "./labels.js";
import { arrow, cross, dot, ring, star, trail } from "./marks.js";
import { unseen, viewAt } from "./views.js";

/** @typedef {import("./panels.js").PanelDrawing} PanelDrawing */

/** @typedef {import("./scene.js").Path} Path */

/** @param {PanelDrawing} drawing */
export function drawSpace(drawing) {
  const { scene, run, frame, active, task } = drawing;
  if (scene.labels) {
    drawLabelled(drawing);
    return;
  }
  if (task < 0) {
    if (run.paths[active].view) drawTurned(drawing, run.paths[active], frame);
    if (scene.star) drawStar(drawing, scene.star.theta);
    else drawStars(drawing, run.paths[active]);
  } else if (scene.optima[task]) drawOptimum(drawing, task, scene.optima[task]);
  drawPaths(drawing);
}

/** @param {PanelDrawing} drawing */
function drawPaths(drawing) {
  const { context, panel, scene, run, frame, active, task, fit, theme } = drawing;
  const colour = task < 0 ? theme.ink : theme.tasks[task];
  const tail = Math.max(24, Math.round(scene.frames / 5));
  const shown = run.paths.map((path) => (task < 0 ? path : path.seen[task]));
  shown.forEach(({ x, y }, s) => trail(context, x, y, frame, fit, colour, s === active ? 3.4 : 2.4, tail));
  for (const { x, y } of shown) ring(context, ...place(fit, x[0], y[0]), 6, colour, theme.surface, 2.5);
  run.paths.forEach((path, s) => {
    const [px, py] = place(fit, shown[s].x[frame], shown[s].y[frame]);
    const [hx, hy] = held(panel, px, py);
    if (s === active) drawArrows(drawing, path, px, py);
    if (path.outcome[0] !== 0 && frame >= stopFrame(run, path)) cross(context, hx, hy, 8, theme.warning);
    else if (Math.hypot(px - hx, py - hy) > 20) ring(context, hx, hy, 6, theme.warning, theme.surface, 3);
    else {
      if (path.solved >= 0 && run.steps[frame] >= path.solved) ring(context, px, py, 11, theme.front, "transparent", 3);
      dot(context, px, py, s === active ? 6.5 : 4.5, colour, theme.surface);
    }
  });
}

/**
 * A whole batch: its points and the lines between the classes; a mean of the points would stand for nothing.
 * @param {PanelDrawing} drawing
 */
function drawLabelled(drawing) {
  const { context, panel, run, task, frame, active, theme } = drawing;
  const path = run.paths[active];
  drawCloud(drawing);
  if (task < 0) drawDecisions(drawing, path);
  const [x, y] = [panel.x + panel.w - 16, panel.y + 16];
  if (path.outcome[0] !== 0 && frame >= stopFrame(run, path)) cross(context, x, y, 8, theme.warning);
  else if (path.solved >= 0 && run.steps[frame] >= path.solved) ring(context, x, y, 8, theme.front, "transparent", 3);
}

/**
 * Returns the frame at which a path ended.
 * @param {{steps: Int32Array}} run
 * @param {Path} path
 */
function stopFrame(run, path) {
  const frame = run.steps.findIndex((step) => step >= path.outcome[1]);
  return frame < 0 ? run.steps.length - 1 : frame;
}

/**
 * All tasks' level curves as z space has them at a frame: each family taken back through its task's view.
 * Lines of one device pixel: the browser strokes them several times faster than any wider ones.
 * @param {PanelDrawing} drawing
 * @param {Path} path
 * @param {number} frame
 */
export function drawTurned({ context, scene, fit, theme }, path, frame) {
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

/**
 * @param {PanelDrawing} drawing
 * @param {Path} path
 */
function drawStars(drawing, path) {
  drawing.scene.optima.forEach(([x, y], task) => {
    const back = unseen(viewAt(path, task, drawing.frame));
    if (back) drawOptimum(drawing, task, [back.a * x + back.c * y + back.e, back.b * x + back.d * y + back.f]);
  });
}

/**
 * @param {PanelDrawing} drawing
 * @param {number} task
 * @param {[number, number]} at
 */
function drawOptimum({ context, fit, theme }, task, [x, y]) {
  star(context, ...place(fit, x, y), 11, theme.tasks[task], theme.surface);
}

/**
 * The one optimum of the weighted sum, in place of the tasks' own; its points show around a path that ends there.
 * @param {PanelDrawing} drawing
 * @param {[number, number]} at
 */
export function drawStar({ context, fit, theme }, [x, y]) {
  star(context, ...place(fit, x, y), 15, theme.front_text, theme.surface);
}

/**
 * @param {PanelDrawing} drawing
 * @param {Path} path
 * @param {number} px
 * @param {number} py
 */
function drawArrows({ context, panel, scene, frame, task, theme }, path, px, py) {
  const unit = 0.27 * Math.min(panel.w, panel.h);
  /** @type {(tip: number[], width: number, colour: string) => void} */
  const draw = ([x, y], width, colour) => arrow(context, px, py, -x * unit, y * unit, width, colour, theme.surface);
  if (task >= 0) {
    if (scene.d === 2) draw(seenArrow(path, task, frame), 3, theme.task_text[task]);
    return;
  }
  draw([path.update[0][frame], path.update[1][frame]], 5.5, theme.update); // beneath: tasks along it still show
  path.gradients.forEach(([x, y], k) => draw([x[frame], y[frame]], 3, theme.task_text[k]));
}

/**
 * Returns the gradient at r_k, from the one at z, which is A^T times it; drawn lengths are roots of norms.
 * @param {Path} path
 * @param {number} task
 * @param {number} frame
 */
function seenArrow(path, task, frame) {
  const [x, y] = [path.gradients[task][0][frame], path.gradients[task][1][frame]];
  const back = unseen(viewAt(path, task, frame));
  if (!back) return [0, 0];
  const length = Math.hypot(x, y);
  const [gx, gy] = [(back.a * x + back.b * y) * length, (back.c * x + back.d * y) * length];
  const root = Math.sqrt(Math.hypot(gx, gy)) || 1;
  return [gx / root, gy / root];
}
