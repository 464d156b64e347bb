// The canvas, and the layers behind it that are drawn once: the ground and on it the faint curves, and the bright curves,
// which each frame shows up to now.

import { arrange, resize } from "./arrange.js";
import { drawChartMoving } from "./cursor.js";
import { drawChartStill } from "./curves.js";
import { Ground, cover } from "./ground.js";
import { brush } from "./marks.js";
import { drawMoving } from "./moving.js";
import { inPanel } from "./panels.js";
import { DESK, DESK_FOLLOWING, LECTURE, LECTURE_FOLLOWING, zoomFor } from "./measures.js";
import { part } from "./parts.js";
import { chartRanges } from "./ranges.js";

/** @typedef {import("./scene.js").Scene} Scene */

/** @typedef {import("./ground.js").Shown} Shown */

export class Board {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.room = part(root, ".board");
    this.canvas = /** @type {HTMLCanvasElement} */ (part(root, "canvas"));
    this.context = brush(this.canvas, { alpha: false });
    this.still = document.createElement("canvas");
    this.bright = document.createElement("canvas");
    this.ground = new Ground();
    /** @type {Scene | null} that has been laid out */
    this.scene = null;
    /** @type {import("./layout.js").Layout} */
    this.layout = { height: 0, rows: [] };
    /** @type {import("./charts.js").Ranges} */
    this.ranges = chartRanges([], null, 0);
    this.presenting = false; // in front of a class
    this.zoom = 1; // CSS pixels to a unit of the layout
    this.density = window.devicePixelRatio || 1; // the screen's pixels to one of CSS
    this.width = 0;
    this.laid = ""; // what the layout was made for, besides the width and the headings
  }

  /** Whether the window's pixels have become larger or smaller. */
  get outdated() {
    return this.density !== (window.devicePixelRatio || 1);
  }

  /** The screen's pixels to a unit of the layout. */
  get ratio() {
    return this.density * this.zoom;
  }

  /**
   * @param {Scene} scene
   * @returns {import("./arrange.js").Room}
   */
  roomFor(scene) {
    const { clientWidth, clientHeight } = this.room;
    const lags = follows(scene);
    const [screen, measures] = [window.innerHeight, lags ? DESK_FOLLOWING : DESK];
    if (!this.presenting) return { width: Math.floor(clientWidth), screen, zoom: 1, measures };
    const zoom = zoomFor(window.innerWidth, screen);
    const large = lags ? LECTURE_FOLLOWING : LECTURE;
    return { width: Math.floor(clientWidth / zoom), screen: clientHeight / zoom, zoom, measures: large };
  }

  /**
   * Lays a scene out; returns whether there is room for it.
   * @param {Scene} scene
   */
  arrange(scene) {
    const { width, zoom, ...room } = this.roomFor(scene);
    if (width < 40) return false;
    [this.width, this.zoom] = [width, zoom];
    this.density = window.devicePixelRatio || 1;
    this.layout = arrange(this.root, { width, zoom, ...room }, scene);
    this.scene = scene;
    this.laid = frameOf(scene);
    resize([this.canvas, this.still, this.bright, this.ground.canvas], width * this.ratio, this.layout.height * this.ratio);
    this.canvas.style.height = `${this.layout.height * zoom}px`;
    return true;
  }

  /**
   * Takes a scene that the layout fits as it stands, which measures nothing; returns whether it does.
   * @param {Scene} scene under the same headings
   */
  take(scene) {
    if (this.outdated || this.laid !== frameOf(scene)) return false;
    this.scene = scene;
    return true;
  }

  /**
   * Draws the layers.
   * @param {Shown} shown
   * @param {Scene | null} before the runs as they were, drawn faint
   */
  drawStill({ scene, theme, active }, before) {
    this.ranges = chartRanges(scene.runs, scene.guide, active);
    const size = { width: this.width, height: this.layout.height, ratio: this.ratio };
    const ground = this.ground.drawn({ scene, theme, active }, this.layout, size, before);
    for (const layer of [this.still, this.bright]) {
      const context = brush(layer, { alpha: false });
      const bright = layer === this.bright;
      if (bright) cover(context, size, theme.background);
      else {
        context.setTransform(1, 0, 0, 1, 0, 0);
        context.drawImage(ground, 0, 0);
        context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
      }
      const drawing = { context, scene, theme, active, ranges: this.ranges };
      scene.runs.forEach((run, i) => {
        for (const chart of this.layout.rows[i].charts) drawChartStill({ ...drawing, chart, run }, bright);
      });
    }
  }

  /**
   * Draws one frame of the shared clock.
   * @param {Shown} shown
   * @param {number} frame
   * @param {import("./pointer.js").Pointer} pointer
   */
  draw({ scene, theme, active }, frame, pointer) {
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
        drawMoving(within);
        if (panel.kind === "z") pointer.draw(context, panel, scene, theme);
      }
      for (const chart of charts)
        drawChartMoving({ ...drawing, chart, run }, run.at[frame], pointed, this.bright, this.ratio);
    });
  }

  /**
   * Returns where a spot of the layout is on the page, in client pixels.
   * @param {number} x
   * @param {number} y
   */
  onPage(x, y) {
    const box = this.canvas.getBoundingClientRect();
    return { x: box.left + x * this.zoom, y: box.top + y * this.zoom };
  }
}

/**
 * Returns what a layout depends on besides the width and the headings.
 * @param {Scene} scene
 */
function frameOf({ panels, runs }) {
  const lags = runs.map((run) => run.paths.some((path) => path.lag));
  return `${panels} ${lags} ${window.innerHeight}`;
}

/**
 * Returns whether one of the methods turns views, and the network follows.
 * @param {Scene} scene
 */
function follows({ runs }) {
  return runs.some((run) => run.paths.some((path) => path.lag));
}
