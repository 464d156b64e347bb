// One stage: the scene it shows, the clock it goes by, and what is done to it.

import { Presenter } from "../present/presenter.js";
import { Board } from "./board.js";
import { Clock, openAt } from "./clock.js";
import { Controls } from "./controls.js";
import { decode } from "./decode.js";
import { dress } from "./dress.js";
import { place } from "./fit.js";
import { Guess } from "./guess.js";
import { Keys } from "./keys.js";
import { Live } from "./live.js";
import { Look } from "./look.js";
import { Loop } from "./loop.js";
import { Meter } from "./meter.js";
import { fitOf } from "./panels.js";
import { PayloadWatcher } from "./payload.js";
import { Pointer } from "./pointer.js";
import { makeScene } from "./scene.js";
import { hide, show } from "./shown.js";
import { readTheme } from "./theme.js";

/** @typedef {import("./scene.js").Scene} Scene */

export class Stage {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.host = root; // what the page knows it by
    this.board = new Board(root);
    this.canvas = this.board.canvas;
    this.clock = new Clock();
    this.controls = new Controls(
      root, this.clock, () => this.moved(), (speed) => this.look.tell({ speed }), (act) => this.presenter.act(act),
    );
    this.keys = new Keys(this.controls);
    this.look = new Look((changes) => this.lookAs(changes));
    this.pointer = new Pointer(this);
    this.guess = new Guess(this);
    this.live = new Live(this);
    this.presenter = new Presenter(this);
    this.meter = new Meter();
    this.loop = new Loop((seconds) => this.next(seconds), this.meter);
    /** @type {(name: string, value: any) => void} tells Python */
    this.send = () => {};
    /** @type {PayloadWatcher | undefined} */
    this.payloads = undefined;
    /** @type {Scene | null} */
    this.scene = null;
    this.theme = readTheme(root, null);
    /** @type {number | undefined} the step that the page asked it to stop at, until the runs are there */
    this.standing = undefined;
    this.active = 0;
    this.visible = true;
    this.destroyed = false;
    this.dirty = false; // something is to be drawn
    this.fresh = false; // the scene has not been drawn yet
    this.ordered = 0; // payloads that have come
    this.played = 0; // the latest of them that is shown
    this.calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.resizing = new ResizeObserver(() => this.relayout());
    this.resizing.observe(this.board.room);
    this.seeing = new IntersectionObserver(([entry]) => this.show(entry.isIntersecting));
    this.seeing.observe(this.canvas);
    document.fonts?.ready.then(() => this.relayout());
    /** @type {HTMLElement & {stage?: Stage}} */ (root).stage = this; // for tests and the benchmark
  }

  destroy() {
    this.destroyed = true;
    hide(this.payloads?.slot, this);
    for (const one of [this.payloads, this.look, this.live]) one?.close();
    for (const one of [this.resizing, this.seeing]) one.disconnect();
    const parts = [this.controls, this.pointer, this.guess, this.keys, this.presenter];
    for (const one of parts) one.destroy();
    this.loop.stop();
  }

  // --- new data, new theme, new size ---

  /** @param {string} slot */
  listen(slot) {
    if (slot === this.payloads?.slot) return;
    hide(this.payloads?.slot, this);
    show(slot, this);
    this.payloads?.close();
    this.live.listen(slot);
    this.presenter.listen(slot);
    this.payloads = new PayloadWatcher(
      slot, (bytes) => this.load(bytes), (recipe, event) => this.live.hear(recipe, event),
    );
  }

  /** @param {Uint8Array<ArrayBuffer>} bytes */
  load(bytes) {
    this.live.rest();
    const order = ++this.ordered;
    /** @param {import("./decode.js").Content} content */
    const show = (content) => {
      const overtaken = order !== this.ordered; // by a newer one
      if (!overtaken && !this.destroyed) this.play(makeScene(content), order);
    };
    const content = decode(bytes);
    content instanceof Promise ? content.then(show) : show(content);
  }

  /**
   * @param {Scene} scene
   * @param {number} order
   */
  play(scene, order) {
    const before = this.scene;
    this.scene = scene;
    this.played = order;
    if (scene.dark !== before?.dark) this.theme = readTheme(this.root, scene.dark); // else refreshTheme sees to it
    this.active = Math.min(this.active, scene.starts - 1);
    const { calm, clock } = this;
    openAt(clock, scene, before, { calm, paused: this.controls.pausedByHand, dropped: this.pointer.waiting });
    this.stand();
    this.pointer.settle();
    const other = this.dress(scene);
    this.root.dataset.start = String(this.active + 1);
    this.fresh = true;
    if (other || !this.board.take(scene)) this.relayout();
    else this.paint();
    if (this.controls.pausedByHand) this.placed(); // the same place may be another step now
  }

  /** @param {Scene} scene */
  dress(scene) {
    return dress(this.root, scene, this.theme, (pair) => this.look.tell({ pair: pair + 1 }));
  }

  /**
   * Takes what the page has changed about how the runs are looked at.
   * @param {import("./look.js").Values} changes
   */
  lookAs({ start, step, speed, present }) {
    if (present !== undefined) this.presenter.present(present === 1);
    if (speed !== undefined) this.controls.quicken(speed);
    if (start !== undefined) this.follow(start - 1);
    if (step < 0 || step === undefined) return; // it may go on as it does
    this.standing = step;
    if (this.played === this.ordered) this.stand();
  }

  // Stops at the step that the page asked for, once the runs are there.
  stand() {
    if (this.standing === undefined || !this.scene) return;
    this.controls.pausedByHand = true;
    this.clock.pause();
    this.clock.seek(this.scene.frameAt(this.standing));
    this.standing = undefined;
    this.redraw();
  }

  refreshTheme() {
    const theme = readTheme(this.root, this.scene?.dark);
    const same = JSON.stringify(theme) === JSON.stringify(this.theme);
    this.theme = theme;
    if (same || !this.scene) return;
    this.dress(this.scene);
    this.relayout();
  }

  relayout() {
    if (this.scene && !this.destroyed && this.board.arrange(this.scene)) this.paint();
  }

  // Draws everything anew as it is laid out.
  paint() {
    const { scene, theme, active } = this;
    if (!scene || this.board.scene !== scene) return; // there was no room for it yet
    this.board.drawStill({ scene, theme, active }, this.live.before);
    this.draw(); // at once: a resized canvas is blank until it is drawn
    this.loop.wake();
  }

  // --- the loop ---

  /** @param {boolean} visible */
  show(visible) {
    this.visible = visible;
    if (visible) this.loop.wake();
  }

  redraw() {
    this.dirty = true;
    this.loop.wake();
  }

  /**
   * Goes on by some seconds; returns whether there is another frame to draw.
   * @param {number} seconds
   */
  next(seconds) {
    if (!this.scene) return false;
    if (this.board.outdated) this.relayout();
    const wasPlaying = this.clock.playing;
    const changed = this.clock.advance(seconds);
    if (changed || this.dirty || this.fresh) this.draw();
    if (wasPlaying && !this.clock.playing) this.controls.say(this.scene, this.active);
    return this.clock.playing && this.visible;
  }

  draw() {
    const { scene, theme, active, board } = this;
    if (!scene || board.scene !== scene) return; // there was no room for it yet
    const from = performance.now();
    board.draw({ scene, theme, active }, this.clock.frame, this.pointer);
    this.dirty = false;
    this.controls.show(scene, from, active);
    this.meter.draw(performance.now() - from);
    if (this.fresh) this.announce(scene);
  }

  /** @param {Scene} scene */
  announce(scene) {
    this.fresh = false;
    if (!scene.preview) this.root.dataset.digest = scene.digest;
    this.host.dataset.stagePainted = ""; // the page need not keep a place for it any more
    performance.mark(scene.preview ? "stage-preview" : "stage-paint", { detail: scene.digest });
    if (!this.clock.playing) this.controls.say(scene, this.active);
  }

  // --- what a person does ---

  moved() {
    this.redraw();
    if (!this.scene) return;
    if (!this.clock.playing) this.controls.say(this.scene, this.active);
    this.placed();
  }

  placed() {
    if (this.scene) this.look.place(this.clock.playing ? -1 : this.scene.steps[this.clock.frame]);
  }

  /**
   * Arrows, turning curves and small charts follow one start.
   * @param {number} start
   */
  follow(start) {
    const { scene, theme } = this;
    const before = this.active;
    this.active = scene ? Math.min(start, scene.starts - 1) : start;
    if (!scene || this.active === before) return;
    this.look.tell({ start: this.active + 1 });
    this.root.dataset.start = String(this.active + 1);
    if (this.board.scene === scene) this.board.drawStill({ scene, theme, active: this.active }, this.live.before);
    this.moved();
  }

  // --- for tests and the benchmark ---

  get layout() {
    return this.board.layout;
  }

  /**
   * Returns where a start is on the page, in client pixels.
   * @param {number} run
   * @param {number} start
   */
  startAt(run, start) {
    const handle = this.pointer.starts().find((one) => one.run === run && one.start === start);
    return handle && this.board.onPage(handle.x, handle.y);
  }

  /**
   * Returns where a point of z space is on the page, in client pixels, in the given row.
   * @param {number} run
   * @param {[number, number]} point
   */
  clientAt(run, point) {
    return this.scene && this.board.onPage(...place(fitOf(this.layout.rows[run].panels[0], this.scene), ...point));
  }
}
