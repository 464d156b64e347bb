// A stage in front of a class: it takes the whole window, and keys do what a hand at the desk would.

import { show, whenShown } from "../live/bus.js";
import { actOf } from "./keys.js";
import { Veil } from "./veil.js";

const TYPED = 'input:not([type="range"], [type="radio"], [type="checkbox"]), textarea, select, [contenteditable]';

export class Presenter {
  /** @param {import("../stage/stage.js").Stage} stage */
  constructor(stage) {
    this.stage = stage;
    this.root = stage.root;
    this.veil = new Veil(stage.root);
    this.on = false;
    this.frozen = false;
    this.black = false;
    this.goesOn = false; // the clock, once the picture need not stand still any more
    this.slot = "";
    this.shown = ""; // how the controls are shown beside the stage
    this.turns = 0;
    this.unhear = () => {};
    /** @type {HTMLElement | null} what had the focus before */
    this.before = null;
    this.abort = new AbortController();
    const { signal } = this.abort;
    window.addEventListener("keydown", (event) => this.key(event), { capture: true, signal });
    window.addEventListener("pointermove", (event) => this.veil.move(event), { capture: true, signal });
  }

  destroy() {
    this.abort.abort();
    this.unhear();
    if (this.on) mark(false);
  }

  /** @param {string} slot of the controls that move this stage */
  listen(slot) {
    this.unhear();
    this.slot = slot;
    this.unhear = whenShown(slot, (how) => {
      this.shown = how;
      if (how === "sheet") this.stage.board.room.scrollIntoView(); // what the controls move, above them
      this.root.querySelector('[data-act="controls"]')?.setAttribute("aria-expanded", String(how !== ""));
    });
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.defaultPrevented || (event.key === "Escape" && this.veil.dialog.open)) return;
    const [origin] = event.composedPath();
    const from = origin instanceof Element ? origin : null;
    const on = from?.matches(TYPED) ? "text" : from?.matches('input[type="range"]') ? "slider" : "";
    const act = actOf(event, { presenting: this.on, still: this.frozen || this.black, on });
    if (act === null) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.act(act);
  }

  /** @param {string | undefined} act */
  act(act) {
    const { controls } = this.stage;
    if (act === "present") this.present(!this.on);
    else if (act === "leave") this.leave();
    else if (act === "loop") controls.act("loop");
    else if (act === "faster" || act === "slower") controls.quickenBy(act === "faster" ? 1 : -1);
    else if (act === "next" || act === "previous") this.turn(act === "next" ? 1 : -1);
    else if (act === "controls") show(this.slot, this.shown ? "" : this.on ? "strip" : "sheet");
    else if (act === "freeze") this.hold(!this.frozen, this.black);
    else if (act === "black") this.hold(this.frozen, !this.black);
    else if (act === "laser") this.veil.point(!this.veil.pointing);
    else if (act === "keys") this.veil.list();
  }

  /** Leaves what was entered last: the black screen, the frozen picture, the presentation. */
  leave() {
    if (this.black) this.hold(this.frozen, false);
    else if (this.frozen) this.hold(false, false);
    else this.present(false);
  }

  /** @param {boolean} on */
  present(on) {
    if (on === this.on) return;
    this.on = on;
    if (on) this.before = focused();
    else this.hold(false, false);
    this.veil.point(false);
    show(this.slot, "");
    const { board, host, look } = this.stage;
    host.style.minHeight = on ? `${host.offsetHeight}px` : ""; // nothing of the page moves meanwhile
    board.presenting = on;
    this.root.toggleAttribute("data-presenting", on);
    this.root.querySelector('[data-act="present"]')?.setAttribute("aria-pressed", String(on));
    mark(on);
    this.stage.relayout();
    (on ? this.root : this.before)?.focus({ preventScroll: true });
    look.tell({ present: Number(on) });
  }

  /**
   * The picture stands still while one talks, and goes on from there.
   * @param {boolean} frozen
   * @param {boolean} black
   */
  hold(frozen, black) {
    const { clock } = this.stage;
    const [was, is] = [this.frozen || this.black, frozen || black];
    [this.frozen, this.black] = [frozen, black];
    if (is && !was) this.goesOn = clock.playing;
    if (is !== was) clock.playing = !is && this.goesOn;
    this.veil.cover(black ? "black" : frozen ? "frozen" : "");
    this.stage.redraw();
  }

  /** @param {number} by how many presets */
  turn(by) {
    this.stage.send("preset", { id: `${Date.now().toString(36)}-${++this.turns}`, by });
  }
}

/**
 * Tells the page's own style.
 * @param {boolean} on
 */
function mark(on) {
  document.documentElement.toggleAttribute("data-presenting", on);
}

/** Returns what has the focus, in a shadow tree too. */
function focused() {
  let found = document.activeElement;
  while (found?.shadowRoot?.activeElement) found = found.shadowRoot.activeElement;
  return found instanceof HTMLElement ? found : null;
}
