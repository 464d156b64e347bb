// What a person's pointer does to a stage: takes a start along, chooses the one to follow, reads coordinates.

import { chartUnder, frameUnder, quantityOf } from "./charts.js";
import { Drag } from "./drag.js";
import { holds, place, pointAt } from "./fit.js";
import { ring } from "./marks.js";
import { signed } from "./numbers.js";
import { fitOf } from "./panels.js";
import { whyNot } from "./readings.js";

/** @typedef {import("./fit.js").Box} Box */

/** @typedef {import("./fit.js").Point} Point */

/** @typedef {import("./scene.js").Scene} Scene */

/** @typedef {import("./theme.js").Theme} Theme */

/** @typedef {import("./drag.js").Spot} Spot */

export class Pointer {
  /** @param {import("./stage.js").Stage} stage */
  constructor(stage) {
    this.stage = stage;
    /** @type {Spot | null} */
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

  get zoom() {
    return this.stage.board.zoom;
  }

  /** @returns {import("./drag.js").Handle[]} every start that can be taken, where it is in the layout */
  starts() {
    const { scene, layout } = this.stage.board;
    if (!scene?.draggable) return [];
    return scene.runs.flatMap((run, i) => {
      const panel = layout.rows[i].panels[0];
      const fit = fitOf(panel, scene);
      return run.paths.map((path, start) => {
        const [x, y] = place(fit, path.x[0], path.y[0]);
        return { run: i, start, x, y, panel };
      });
    });
  }

  /**
   * @param {Box} panel
   * @param {number} x
   * @param {number} y
   * @returns {Point}
   */
  pointAt(panel, x, y) {
    const { scene } = this.stage.board;
    return scene ? pointAt(fitOf(panel, scene), x, y) : [0, 0];
  }

  moved() {
    const { held, ghost } = this.drag;
    if (held?.moved && ghost) this.stage.live.drag(ghost.start, ghost.point);
    this.stage.root.dataset.dragging = String(Boolean(this.drag.held?.moved));
    this.stage.redraw();
  }

  /** @param {Spot | null} spot */
  hovered(spot) {
    if (!spot && !this.spot) return;
    this.spot = spot;
    const why = this.why();
    if (this.stage.canvas.title !== why) this.stage.canvas.title = why;
    this.stage.redraw();
  }

  // Returns the chart under the pointer, its run and the frame there; null elsewhere.
  read() {
    const { layout, scene, ranges } = this.stage.board;
    if (!this.spot || !scene) return null;
    const found = chartUnder(layout, this.spot);
    return found && { ...found, scene, frame: frameUnder(found.chart, scene, ranges, this.spot) };
  }

  why() {
    const read = this.read();
    if (!read) return "";
    const run = read.scene.runs[read.run];
    return whyNot(quantityOf(read.chart), run.paths[this.stage.active], run.at[read.frame]);
  }

  /** @param {number} start */
  picked(start) {
    this.stage.follow(start);
  }

  /**
   * @param {number} start
   * @param {Point} point
   */
  dropped(start, point) {
    this.stage.follow(start);
    const id = `${Date.now().toString(36)}-${++this.drops}`;
    const drop = { id, start_index: start, point };
    this.stage.live.dropped(drop);
    this.stage.send("start", drop);
  }

  // --- what it adds to a z panel: the start on its way, and the coordinates under the pointer ---

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Box} panel
   * @param {Scene} scene
   * @param {Theme} theme
   */
  draw(context, panel, scene, theme) {
    this.stage.guess.draw(context, panel, scene, theme);
    const ghost = this.drag.ghost;
    const fit = fitOf(panel, scene);
    if (ghost && !this.stage.live.leads) drawGhost(context, scene.runs[0].paths[ghost.start], ghost.point, fit, theme);
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

  /** @param {Box} panel */
  under(panel) {
    const { spot } = this;
    return spot && holds(panel, spot) ? this.pointAt(panel, spot.x, spot.y) : null;
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {import("./scene.js").Path} path
 * @param {Point} point
 * @param {import("./fit.js").Fit} fit
 * @param {Theme} theme
 */
function drawGhost(context, path, point, fit, theme) {
  const from = place(fit, path.x[0], path.y[0]);
  const to = place(fit, ...point);
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
