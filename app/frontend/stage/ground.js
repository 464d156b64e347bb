// What runs move upon: panels with their level curves, and faint the runs as they were before. While a hand moves a
// setting, run after run passes over the same ground: it is drawn once.

import { drawBefore } from "./before.js";
import { brush } from "./marks.js";
import { drawStill, inPanel } from "./panels.js";

/** @typedef {import("./scene.js").Scene} Scene */

/** @typedef {{scene: Scene, theme: import("./theme.js").Theme, active: number}} Shown */

/** @typedef {{width: number, height: number, ratio: number}} Size in CSS pixels, and a pixel's size of the screen */

export class Ground {
  constructor() {
    this.canvas = document.createElement("canvas");
    /** @type {unknown[]} what it was drawn of */
    this.of = [];
  }

  /**
   * Returns a canvas with the ground of a scene.
   * @param {Shown} shown
   * @param {import("./layout.js").Layout} layout another object wherever something stands elsewhere
   * @param {Size} size
   * @param {Scene | null} before the runs as they were
   */
  drawn(shown, layout, size, before) {
    const of = [layout, before, size.ratio, ...partsOf(shown)];
    if (of.length === this.of.length && of.every((one, i) => one === this.of[i])) return this.canvas;
    this.of = of;
    const context = brush(this.canvas, { alpha: false });
    cover(context, size, shown.theme.background);
    shown.scene.runs.forEach((run, i) => {
      for (const panel of layout.rows[i].panels) {
        const within = inPanel({ ...shown, context }, panel, run, 0);
        drawStill(within);
        if (before) drawBefore(within, before.runs[i]);
      }
    });
    return this.canvas;
  }
}

/**
 * Returns everything that a panel's ground shows.
 * @param {Shown} shown
 */
function partsOf({ scene, theme }) {
  const { view, objective, panels, tasks, labels, runs, front, levels } = scene;
  const turning = runs.map((run) => Boolean(run.paths[0].view));
  return [theme, front?.theta[0], JSON.stringify([view, objective, panels, tasks, labels, turning]), ...levels];
}

/**
 * Covers a whole canvas with a colour; from then on one draws on it in CSS pixels.
 * @param {CanvasRenderingContext2D} context
 * @param {Size} size
 * @param {string} colour
 */
export function cover(context, { width, height, ratio }, colour) {
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = colour;
  context.fillRect(0, 0, width, height);
}
