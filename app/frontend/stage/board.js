// The canvas, and the two layers behind it that are drawn once: what does not move, and the bright curves, which each
// frame shows up to now.

import { arrange, resize } from "./arrange.js";
import { drawBefore } from "./before.js";
import { drawChartMoving } from "./cursor.js";
import { drawChartStill } from "./curves.js";
import { brush } from "./marks.js";
import { drawMoving } from "./moving.js";
import { drawStill, inPanel } from "./panels.js";
import { part } from "./parts.js";
import { chartRanges } from "./ranges.js";

/** @typedef {import("./scene.js").Scene} Scene */

/** @typedef {{scene: Scene, theme: import("./theme.js").Theme, active: number}} Shown */

export class Board {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.room = part(root, ".board");
    this.canvas = /** @type {HTMLCanvasElement} */ (part(root, "canvas"));
    this.context = brush(this.canvas, { alpha: false });
    this.still = document.createElement("canvas");
    this.bright = document.createElement("canvas");
    /** @type {Scene | null} that has been laid out */
    this.scene = null;
    /** @type {import("./layout.js").Layout} */
    this.layout = { height: 0, rows: [] };
    /** @type {import("./charts.js").Ranges} */
    this.ranges = chartRanges([], null, 0);
    this.ratio = window.devicePixelRatio || 1;
    this.width = 0;
  }

  /** Whether the window's pixels have become larger or smaller. */
  get outdated() {
    return this.ratio !== (window.devicePixelRatio || 1);
  }

  /**
   * Lays a scene out; returns whether there is room for it.
   * @param {Scene} scene
   */
  arrange(scene) {
    const width = Math.floor(this.room.clientWidth);
    if (width < 40) return false;
    this.width = width;
    this.layout = arrange(this.root, width, scene);
    this.scene = scene;
    this.ratio = window.devicePixelRatio || 1;
    resize([this.canvas, this.still, this.bright], width * this.ratio, this.layout.height * this.ratio);
    this.canvas.style.height = `${this.layout.height}px`;
    return true;
  }

  /** @param {Shown} shown */
  drawStill({ scene, theme, active }) {
    this.ranges = chartRanges(scene.runs, scene.guide, active);
    for (const layer of [this.still, this.bright]) {
      const context = brush(layer, { alpha: false });
      context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
      context.fillStyle = theme.background;
      context.fillRect(0, 0, this.width, this.layout.height);
      const drawing = { context, scene, theme, active, ranges: this.ranges };
      scene.runs.forEach((run, i) => {
        const { charts, panels } = this.layout.rows[i];
        for (const chart of charts) drawChartStill({ ...drawing, chart, run }, layer === this.bright);
        if (layer === this.still) for (const panel of panels) drawStill(inPanel(drawing, panel, run, 0));
      });
    }
  }

  /**
   * Draws one frame of the shared clock.
   * @param {Shown} shown
   * @param {number} frame
   * @param {import("./pointer.js").Pointer} pointer
   * @param {Scene | null} ghost the runs as they were before
   */
  draw({ scene, theme, active }, frame, pointer, ghost) {
    const { context } = this;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.drawImage(this.still, 0, 0);
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    const read = pointer.read();
    const drawing = { context, scene, theme, active, ranges: this.ranges };
    scene.runs.forEach((run, i) => {
      const { charts, panels } = this.layout.rows[i];
      const pointed = read ? run.at[read.frame] : -1;
      for (const panel of panels) {
        const within = inPanel(drawing, panel, run, run.at[frame]);
        if (ghost) drawBefore(within, ghost.runs[i]);
        drawMoving(within);
        if (panel.kind === "z") pointer.draw(context, panel, scene, theme);
      }
      for (const chart of charts)
        drawChartMoving({ ...drawing, chart, run }, run.at[frame], pointed, this.bright, this.ratio);
    });
  }

  /**
   * Returns where a spot of the canvas is on the page, in client pixels.
   * @param {number} x
   * @param {number} y
   */
  onPage(x, y) {
    const box = this.canvas.getBoundingClientRect();
    return { x: box.left + x, y: box.top + y };
  }
}
