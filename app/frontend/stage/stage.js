// One stage: the scene it shows, the clock it goes by, and what is done to it.

import { arrange, resize } from "./arrange.js";
import { drawChartMoving, drawChartStill } from "./charts.js";
import { Clock } from "./clock.js";
import { Controls } from "./controls.js";
import { decode } from "./decode.js";
import { Keys } from "./keys.js";
import { fillLegend, fillPairs } from "./legend.js";
import { Look } from "./look.js";
import { Meter } from "./meter.js";
import { drawMoving, drawStill, fitOf, place } from "./panels.js";
import { PayloadWatcher } from "./payload.js";
import { Pointer } from "./pointer.js";
import { chartRanges, makeScene } from "./scene.js";
import { describe, fillHeads } from "./sentences.js";
import { readTheme } from "./theme.js";

export class Stage {
  constructor(root) {
    this.root = root;
    this.canvas = root.querySelector("canvas");
    this.context = this.canvas.getContext("2d", { alpha: false });
    this.still = document.createElement("canvas"); // what does not move
    this.bright = document.createElement("canvas"); // the small curves at full strength, shown up to now
    this.clock = new Clock();
    this.controls = new Controls(root, this.clock, () => this.moved(), (speed) => this.look.tell({ speed }));
    this.keys = new Keys(this.controls);
    this.look = new Look((changes) => this.lookAs(changes));
    this.pointer = new Pointer(this);
    this.meter = new Meter();
    this.scene = null;
    this.active = 0;
    this.visible = true;
    this.ordered = 0; // payloads that have come
    this.played = 0; // the latest of them that is shown
    this.calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.tick = this.tick.bind(this);
    this.resizing = new ResizeObserver(() => this.relayout());
    this.resizing.observe(root.querySelector(".board"));
    this.seeing = new IntersectionObserver(([entry]) => this.show(entry.isIntersecting));
    this.seeing.observe(this.canvas);
    document.fonts?.ready.then(() => this.relayout());
    root.stage = this; // for tests and the benchmark
  }

  destroy() {
    this.destroyed = true;
    for (const part of [this.payloads, this.look]) part?.close();
    for (const watch of [this.resizing, this.seeing]) watch.disconnect();
    for (const part of [this.controls, this.pointer, this.keys]) part.destroy();
    cancelAnimationFrame(this.request);
  }

  // --- new data, new theme, new size ---

  listen(slot) {
    if (slot === this.slot) return;
    this.slot = slot;
    this.payloads?.close();
    this.payloads = new PayloadWatcher(slot, (bytes) => this.load(bytes));
  }

  load(data) {
    const order = ++this.ordered;
    // unless a newer one has overtaken it
    const show = (content) => order === this.ordered && !this.destroyed && this.play(makeScene(content), order);
    const content = decode(data);
    content.then ? content.then(show) : show(content);
  }

  play(scene, order) {
    const before = this.scene;
    this.scene = scene;
    this.played = order;
    this.theme = readTheme(this.root, scene.dark);
    this.active = Math.min(this.active, scene.starts - 1);
    this.adoptClock(before);
    this.stand();
    this.pointer.settle();
    fillHeads(this.root.querySelector(".heads"), scene);
    fillLegend(this.root.querySelector(".legend"), scene, this.theme);
    fillPairs(this.root.querySelector(".pairs"), scene, (pair) => this.look.tell({ pair: pair + 1 }));
    this.canvas.setAttribute("aria-label", describe(scene));
    this.root.dataset.frames = scene.frames;
    this.root.dataset.start = this.active + 1;
    this.fresh = true;
    this.relayout();
    if (this.controls.pausedByHand) this.placed(); // the same place may be another step now
  }

  // First runs start by themselves. Later ones keep the place, but for another problem or a start let go elsewhere.
  adoptClock(before) {
    const { clock, scene } = this;
    clock.adopt(scene.frames);
    if (!before) {
      if (this.calm) clock.seek(scene.frames - 1);
      else clock.play();
    } else if (before.problem !== scene.problem) {
      clock.seek(this.calm ? scene.frames - 1 : 0);
      clock.playing = !this.calm && !this.controls.pausedByHand;
    } else if (this.pointer.waiting && clock.playing) clock.seek(0);
  }

  // What the page has changed about how the runs are looked at.
  lookAs({ start, step, speed }) {
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
    const same = this.theme && JSON.stringify(theme) === JSON.stringify(this.theme);
    this.theme = theme;
    if (same || !this.scene) return;
    fillLegend(this.root.querySelector(".legend"), this.scene, theme);
    this.relayout();
  }

  relayout() {
    const width = Math.floor(this.root.querySelector(".board").clientWidth);
    if (!this.scene || width < 40 || this.destroyed) return;
    this.width = width;
    this.layout = arrange(this.root, width, this.scene);
    this.ratio = window.devicePixelRatio || 1;
    resize([this.canvas, this.still, this.bright], width * this.ratio, this.layout.height * this.ratio);
    this.canvas.style.height = `${this.layout.height}px`;
    this.drawStill();
    this.draw(); // at once: a resized canvas is blank until it is drawn
    this.wake();
  }

  // --- the loop ---

  show(visible) {
    this.visible = visible;
    if (visible) this.wake();
  }

  redraw() {
    this.dirty = true;
    this.wake();
  }

  wake() {
    if (this.request || this.destroyed) return;
    this.before = undefined;
    this.request = requestAnimationFrame(this.tick);
  }

  tick(now) {
    this.request = 0;
    if (!this.scene || this.destroyed) return;
    if (this.ratio !== (window.devicePixelRatio || 1)) this.relayout();
    const gap = this.before === undefined ? 0 : now - this.before;
    this.before = now;
    if (gap) this.meter.gap(gap);
    const wasPlaying = this.clock.playing;
    const changed = this.clock.advance(Math.min(0.1, gap / 1000));
    if (changed || this.dirty || this.fresh) this.draw();
    if (this.clock.playing && this.visible) this.request = requestAnimationFrame(this.tick);
    else if (wasPlaying && !this.clock.playing) this.controls.say(this.scene, this.active);
  }

  drawStill() {
    const { scene, theme, layout } = this;
    scene.ranges = chartRanges(scene.runs, scene.guide, this.active);
    for (const layer of [this.still, this.bright]) {
      const context = layer.getContext("2d", { alpha: false });
      context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
      context.fillStyle = theme.background;
      context.fillRect(0, 0, this.width, layout.height);
      const bright = layer === this.bright;
      scene.runs.forEach((run, i) => {
        for (const chart of layout.rows[i].charts) drawChartStill(context, chart, scene, run, this.active, theme, bright);
        if (!bright) for (const panel of layout.rows[i].panels) drawStill(context, panel, scene, run, theme);
      });
    }
  }

  draw() {
    const from = performance.now();
    const { context, scene, theme, layout } = this;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.drawImage(this.still, 0, 0);
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    const read = this.pointer.read();
    scene.runs.forEach((run, i) => {
      const frame = run.at[this.clock.frame];
      const shown = read ? run.at[read.frame] : -1;
      for (const panel of layout.rows[i].panels) {
        drawMoving(context, panel, scene, run, frame, this.active, theme);
        if (panel.kind === "z") this.pointer.draw(context, panel, scene, theme);
      }
      for (const chart of layout.rows[i].charts)
        drawChartMoving(context, chart, scene, run, frame, shown, this.active, this.bright, this.ratio, theme);
    });
    this.dirty = false;
    this.controls.show(scene, from, this.active);
    this.meter.draw(performance.now() - from);
    if (this.fresh) this.announce();
  }

  announce() {
    this.fresh = false;
    this.root.dataset.digest = this.scene.digest;
    this.host.dataset.stagePainted = ""; // the page need not keep a place for it any more
    performance.mark("stage-paint", { detail: this.scene.digest });
    if (!this.clock.playing) this.controls.say(this.scene, this.active);
  }

  // --- what a person does ---

  moved() {
    this.redraw();
    if (!this.scene) return;
    if (!this.clock.playing) this.controls.say(this.scene, this.active);
    this.placed();
  }

  placed() {
    this.look.place(this.clock.playing ? -1 : this.scene.steps[this.clock.frame]);
  }

  // Arrows, turning curves and small charts follow one start.
  follow(start) {
    const before = this.active;
    this.active = this.scene ? Math.min(start, this.scene.starts - 1) : start;
    if (!this.scene || this.active === before) return;
    this.look.tell({ start: this.active + 1 });
    this.root.dataset.start = this.active + 1;
    this.drawStill();
    this.moved();
  }

  // --- for tests and the benchmark ---

  // Returns where a start is on the page, in client pixels.
  startAt(run, start) {
    const handle = this.pointer.starts().find((one) => one.run === run && one.start === start);
    return this.onPage(handle.x, handle.y);
  }

  // Returns where a point of z space is on the page, in client pixels, in the given row.
  clientAt(run, point) {
    return this.onPage(...place(fitOf(this.layout.rows[run].panels[0], this.scene), ...point));
  }

  onPage(x, y) {
    const box = this.canvas.getBoundingClientRect();
    return { x: box.left + x, y: box.top + y };
  }
}
