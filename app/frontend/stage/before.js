// The runs as they were before a hand took hold of something: their paths, faint, so that one sees what changed.

import { place } from "./fit.js";
import { taskOf } from "./layout.js";
import { isNear } from "./marks.js";

const FAINT = 0.6;

/**
 * @param {import("./panels.js").PanelDrawing} drawing
 * @param {import("./scene.js").Run} run the same method's run before
 */
export function drawBefore({ context, panel, fit, theme }, run) {
  const task = taskOf(panel.kind);
  context.save();
  context.beginPath();
  context.rect(panel.x + 1, panel.y + 1, panel.w - 2, panel.h - 2);
  context.clip();
  context.globalAlpha = FAINT;
  context.lineWidth = 2.5;
  context.setLineDash([6, 4]);
  context.strokeStyle = task >= 0 ? theme.task_text[task] : theme.ink;
  for (const path of run.paths) {
    const [x, y] = line(path, panel.kind, task);
    let [px, py] = place(fit, x[0], y[0]);
    context.beginPath();
    context.moveTo(px, py);
    for (let i = 1; i < x.length; i++) {
      const [qx, qy] = place(fit, x[i], y[i]);
      if (isNear(qx - px, qy - py)) continue;
      context.lineTo(qx, qy);
      [px, py] = [qx, qy];
    }
    context.stroke();
  }
  context.restore();
}

/**
 * @param {import("./scene.js").Path} path
 * @param {string} kind of the panel
 * @param {number} task
 */
function line(path, kind, task) {
  if (kind === "objective") return [path.losses[0], path.losses[1]];
  return task >= 0 ? [path.seen[task].x, path.seen[task].y] : [path.x, path.y];
}
