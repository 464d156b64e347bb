// What moves in a panel, drawn anew at every frame.

import { place } from "./fit.js";
import { dot, ring, trail } from "./marks.js";
import { drawSpace, drawStar } from "./space.js";

/** @typedef {import("./panels.js").PanelDrawing} PanelDrawing */

/** @param {PanelDrawing} drawing */
export function drawMoving(drawing) {
  const { context, panel } = drawing;
  context.save();
  context.beginPath();
  context.rect(panel.x + 1, panel.y + 1, panel.w - 2, panel.h - 2); // a straight clip is a cheap one
  context.clip();
  if (panel.kind === "objective") drawObjective(drawing);
  else drawSpace(drawing);
  context.restore();
}

/** @param {PanelDrawing} drawing */
function drawObjective(drawing) {
  const { context, scene, run, frame, active, fit, theme } = drawing;
  const tail = Math.max(24, Math.round(scene.frames / 5));
  if (scene.star) drawStar(drawing, scene.star.objective);
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
