// What a person's pointer does to a stage: takes a start along, chooses the one to follow, reads coordinates.

import { chartUnder, frameUnder, whyNot } from "./charts.js";
import { Drag } from "./drag.js";
import { ring } from "./marks.js";
import { signed } from "./numbers.js";
import { fitOf, place } from "./panels.js";

export class Pointer {
  constructor(stage) {
    this.stage = stage;
    this.spot = null;
    this.drops = 0;
    this.drag = new Drag(stage.canvas, this);
  }

  destroy() {
    this.drag.destroy();
  }

  // True once a start was let go elsewhere and the run from there has not come yet.
  get waiting() {
    return Boolean(this.drag.ghost?.dropped);
  }

  settle() {
    this.drag.settle();
  }

  // --- what Drag asks and tells ---

  // Every start that can be taken, in canvas pixels.
  starts() {
    const { scene, layout } = this.stage;
    if (!scene?.draggable || !layout) return [];
    return scene.runs.flatMap((run, i) => {
      const panel = layout.rows[i].panels[0];
      const fit = fitOf(panel, scene);
      return run.paths.map((path, start) => {
        const [x, y] = place(fit, path.x[0], path.y[0]);
        return { run: i, start, x, y, panel };
      });
    });
  }

  pointAt(panel, x, y) {
    const fit = fitOf(panel, this.stage.scene);
    return [(x - fit.mx) / fit.sx, (y - fit.my) / fit.sy];
  }

  moved() {
    this.stage.root.dataset.dragging = Boolean(this.drag.held?.moved);
    this.stage.redraw();
  }

  hovered(spot) {
    if (!spot && !this.spot) return;
    this.spot = spot;
    const why = this.why();
    if (this.stage.canvas.title !== why) this.stage.canvas.title = why;
    this.stage.redraw();
  }

  // The chart under the pointer and the frame there, as {run, chart, frame}; null elsewhere.
  read() {
    const { layout, scene } = this.stage;
    const found = this.spot && layout && scene && chartUnder(layout, this.spot);
    return found ? { ...found, frame: frameUnder(found.chart, scene, this.spot) } : null;
  }

  why() {
    const read = this.read();
    if (!read) return "";
    const run = this.stage.scene.runs[read.run];
    return whyNot(read.chart.kind, run.paths[this.stage.active], run.at[read.frame]);
  }

  picked(start) {
    this.stage.follow(start);
  }

  dropped(start, point) {
    this.stage.follow(start);
    const id = `${Date.now().toString(36)}-${++this.drops}`;
    this.stage.send("start", { id, start_index: start, point });
  }

  // --- what it adds to a z panel: the start on its way, and the coordinates under the pointer ---

  draw(context, panel, scene, theme) {
    const ghost = this.drag.ghost;
    const fit = fitOf(panel, scene);
    if (ghost) drawGhost(context, scene.runs[0].paths[ghost.start], ghost, fit, theme);
    const point = ghost && !ghost.dropped ? ghost.point : this.under(panel);
    if (!point) return;
    const text = `(${signed(point[0])}, ${signed(point[1])})`;
    context.font = `14px ${theme.font}`;
    context.textAlign = "left";
    context.globalAlpha = 0.85;
    context.fillStyle = theme.surface;
    context.fillRect(panel.x + 4, panel.y + panel.h - 26, context.measureText(text).width + 10, 22);
    context.globalAlpha = 1;
    context.fillStyle = theme.ink;
    context.fillText(text, panel.x + 9, panel.y + panel.h - 10);
  }

  under(panel) {
    const spot = this.spot;
    const inside =
      spot && spot.x >= panel.x && spot.x <= panel.x + panel.w && spot.y >= panel.y && spot.y <= panel.y + panel.h;
    return inside ? this.pointAt(panel, spot.x, spot.y) : null;
  }
}

function drawGhost(context, path, ghost, fit, theme) {
  const from = place(fit, path.x[0], path.y[0]);
  const to = place(fit, ...ghost.point);
  context.setLineDash([4, 4]);
  context.lineWidth = 2;
  context.strokeStyle = theme.ink;
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.stroke();
  context.setLineDash([]);
  ring(context, ...to, 9, theme.ink, theme.surface, 3);
}
