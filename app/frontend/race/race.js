// All methods of a stage in one picture, at the stage's own step: it follows whatever the stage shows.

import { part } from "../stage/parts.js";
import { stageOf } from "../stage/shown.js";
import { readTheme } from "../stage/theme.js";
import { brush } from "../stage/marks.js";
import { drawRace, fitsOf } from "./picture.js";
import { LINES, lineOf } from "./lines.js";

/** @typedef {import("../stage/scene.js").Scene} Scene */

const GAP = 16;
const LARGEST = 520; // pixels a side
const TITLE = 24;

export class Race {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.slot = "";
    this.room = part(root, ".track");
    this.canvas = /** @type {HTMLCanvasElement} */ (part(root, "canvas"));
    this.theme = readTheme(root, null);
    /** @type {Scene | null} */ this.scene = null;
    /** @type {any[]} what was drawn last: nothing else is drawn again */
    this.drawn = [];
    this.visible = true;
    this.request = 0;
    this.seeing = new IntersectionObserver(([entry]) => this.see(entry.isIntersecting));
    this.seeing.observe(this.canvas);
    this.tick = this.tick.bind(this);
    /** @type {HTMLElement & {race?: Race}} */ (root).race = this; // for tests
  }

  destroy() {
    this.seeing.disconnect();
    cancelAnimationFrame(this.request);
    this.request = -1;
  }

  /** Looks at the theme and the stage anew. */
  refresh() {
    this.theme = readTheme(this.root, null);
    this.root.style.setProperty("--race-ink", this.theme.ink);
    this.scene = null;
    this.see(this.visible);
  }

  /** @param {boolean} visible */
  see(visible) {
    this.visible = visible;
    if (visible && !this.request) this.request = requestAnimationFrame(this.tick);
  }

  tick() {
    if (this.request < 0) return;
    this.request = this.visible ? requestAnimationFrame(this.tick) : 0;
    const stage = stageOf(this.slot);
    if (!stage?.scene || stage.scene.runs.length > LINES) return;
    const of = [stage.scene, stage.clock.frame, stage.active, this.room.clientWidth, this.theme];
    if (of.every((one, i) => one === this.drawn[i])) return;
    this.drawn = of;
    if (stage.scene !== this.scene) this.name(stage.scene);
    this.draw(stage.scene, stage.clock.frame, stage.active);
  }

  /** @param {Scene} scene */
  name(scene) {
    this.scene = scene;
    const titles = scene.runs.map((run) => run.title);
    const items = titles.map((title, i) => {
      const { colour, dash } = lineOf(this.theme, i);
      const item = document.createElement("li");
      item.innerHTML = `<svg aria-hidden="true" width="34" height="10"><path d="M1 5h32" stroke="${colour}" stroke-width="3.5" stroke-dasharray="${dash}"/></svg>`;
      item.append(title);
      return item;
    });
    part(this.root, ".names").replaceChildren(...items);
    const where = scene.objective ? "parameter space and objective space" : "z space and the space of excess losses";
    this.canvas.setAttribute("aria-label", `The paths of ${titles.join(", ")} in ${where}, one picture for all.`);
    this.root.dataset.digest = scene.digest;
  }

  /**
   * @param {Scene} scene
   * @param {number} frame
   * @param {number} active
   */
  draw(scene, frame, active) {
    const { canvas, theme } = this;
    const ratio = window.devicePixelRatio || 1;
    const width = Math.floor(this.room.clientWidth);
    const beside = width >= 560;
    const size = Math.min(LARGEST, beside ? (width - GAP) / 2 : width);
    const height = beside ? TITLE + size : 2 * (TITLE + size) + GAP;
    const sizes = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== sizes[0]) canvas.width = sizes[0];
    if (canvas.height !== sizes[1]) canvas.height = sizes[1];
    canvas.style.height = `${height}px`;
    const context = brush(canvas, { alpha: false });
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.fillStyle = theme.background;
    context.fillRect(0, 0, width, height);
    const boxes = [0, 1].map((i) => ({
      kind: i ? "losses" : "z", x: beside ? i * (size + GAP) : 0, y: TITLE + (beside ? 0 : i * (TITLE + size + GAP)), w: size, h: size,
    }));
    drawRace({ context, scene, theme, active, frame }, fitsOf(boxes, scene));
    this.root.dataset.step = String(scene.steps[frame]);
  }
}
