// The stage under the hand: what the controls and a dragged start change is shown at once, computed in this page.
// Python hears of it when the hand lets go, and answers with the same runs and its words for them.

import { isAway, watchServer } from "../connection.js";
import { Lead } from "../engine/lead.js";
import { subscribe } from "../live/bus.js";
import { part } from "./parts.js";
import { makeScene } from "./scene.js";

/** @typedef {import("./stage.js").Stage} Stage */
/** @typedef {import("./scene.js").Scene} Scene */

const WORDS = {
  page: ["computed in this page", "The runs are computed in this page, by the same kernels as on the server."],
  away: [
    "the server is away: computed in this page",
    "Sliders and starts go on working here; address, sentences and tabs follow when the server is there again.",
  ],
  server: ["computed on the server", "The runs are computed on the server: the picture follows when the hand lets go."],
};

export class Live {
  /** @param {Stage} stage */
  constructor(stage) {
    this.stage = stage;
    this.lead = new Lead((content, preview) => this.show(content, preview), (reason) => this.fail(reason));
    this.leave = () => {};
    /** @type {Record<string, any>} what the controls have changed and Python has not confirmed */
    this.values = {};
    /** @type {number[][] | null} where the starts are dragged to */
    this.starts = null;
    this.event = ""; // the drop that Python has not heard of yet,
    /** @type {any} */ this.drop = null; // and what it was told
    this.unwatch = watchServer((away) => this.meet(away));
    this.held = false;
    /** @type {Scene | null} the runs as they were before the hand took hold of something the last time */
    this.ghost = null;
    this.kept = false; // whether they stay when it has let go
    const keep = part(stage.root, ".keep");
    keep.addEventListener("click", () => this.keep(!this.kept));
  }

  /** @param {string} slot */
  listen(slot) {
    this.leave();
    this.leave = subscribe(slot, ({ values, held }) => {
      this.hold(held || Boolean(this.stage.pointer.drag.held));
      this.values = values;
      this.lay();
    });
  }

  close() {
    this.leave();
    this.unwatch();
    this.lead.close();
  }

  // --- whether Python is there ---

  /** The server has gone, or is there again and hears of the last drop once more. @param {boolean} away */
  meet(away) {
    if (this.lead.recipe) this.tell("page");
    if (!away && this.event) this.stage.send("start", this.drop);
  }

  // --- what Python sends ---

  /**
   * @param {any} recipe
   * @param {string} event  the latest drop of a start that Python knows of
   */
  hear(recipe, event) {
    if (this.event && event === this.event) this.starts = this.event = /** @type {any} */ (null);
    this.lead.live = this.changes;
    this.tell("page");
    this.lead.hear(recipe);
  }

  /** A picture came from the server. */
  rest() {
    this.lead.rest();
    this.tell("server");
  }

  /** @param {string} reason */
  fail(reason) {
    this.stage.root.dataset.engineMissing = reason;
    this.stage.send("unable", reason);
  }

  // --- what a hand does ---

  /** The runs as they were, where they can be drawn in the same picture. */
  get before() {
    const { ghost, stage } = this;
    if (!this.held && !this.kept) return null;
    const alike = ghost && stage.scene && ghost !== stage.scene && ghost.runs.length === stage.scene.runs.length;
    return alike && String(ghost.panels) === String(stage.scene?.panels) ? ghost : null;
  }

  get changes() {
    return this.starts ? { ...this.values, starts: this.starts } : this.values;
  }

  lay() {
    if (this.lead.recipe) this.lead.lay(this.changes);
  }

  /** True where a dragged start moves the picture with it. */
  get leads() {
    return Boolean(this.lead.shown);
  }

  /**
   * A start on its way.
   * @param {number} start
   * @param {[number, number]} point  of the drawn pair
   */
  drag(start, point) {
    const shown = this.lead.shown;
    if (!shown) return;
    this.hold(true);
    const starts = shown.results[0].map((path) => [...path.start]);
    starts[start].splice(2 * shown.work.sizes.pair, 2, ...point);
    this.starts = starts;
    this.lay();
  }

  /** @param {{ id: string }} drop  what Python was told of it */
  dropped(drop) {
    if (this.starts) [this.event, this.drop] = [drop.id, drop];
    this.hold(false);
  }

  // --- the runs before ---

  /** @param {boolean} held */
  hold(held) {
    if (held === this.held) return;
    if (held && !this.kept) this.ghost = this.stage.scene;
    this.held = held;
    this.offer();
    this.stage.paint();
  }

  /** Draws the runs before the last change, whether or not a hand still holds something. @param {boolean} kept */
  keep(kept) {
    this.kept = kept;
    this.offer();
    this.stage.paint();
  }

  /** There is a button for it once there are runs before. */
  offer() {
    const button = part(this.stage.root, ".keep");
    button.classList.toggle("offered", Boolean(this.ghost));
    button.setAttribute("aria-pressed", String(this.kept));
  }

  // --- what is seen ---

  /**
   * @param {any} content
   * @param {boolean} preview
   */
  show(content, preview) {
    const { stage } = this;
    if (stage.destroyed) return;
    stage.root.dataset.preview = String(preview);
    stage.play({ ...makeScene(content), preview }, ++stage.ordered);
  }

  /** @param {"page" | "server"} engine */
  tell(engine) {
    const word = part(this.stage.root, ".engine");
    this.stage.root.dataset.engine = engine;
    [word.textContent, word.title] = WORDS[engine === "page" && isAway() ? "away" : engine];
  }
}
