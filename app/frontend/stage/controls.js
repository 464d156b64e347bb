// Buttons, scrub bar and keys: they move the clock and say what it shows.

import { grouped } from "./numbers.js";
import { spoken, tellHeads } from "./sentences.js";

const BAR_EVERY = 100; // milliseconds: every change of the bar costs the browser a layout

export class Controls {
  constructor(root, clock, changed, quickened) {
    this.root = root;
    this.clock = clock;
    this.changed = changed;
    this.quickened = quickened;
    this.pausedByHand = false;
    this.shown = 0;
    this.abort = new AbortController();
    const listen = (element, kind, handler) => element.addEventListener(kind, handler, { signal: this.abort.signal });
    this.part = (selector) => root.querySelector(selector);
    this.scrub = this.part(".scrub");
    listen(this.part(".bar"), "click", (event) => this.act(event.target.closest("button")?.dataset.act));
    listen(this.scrub, "input", () => this.move(Number(this.scrub.value)));
    listen(this.part(".speed"), "change", (event) => this.quicken(event.target.value));
    listen(root, "keydown", (event) => this.key(event));
  }

  destroy() {
    this.abort.abort();
  }

  act(what) {
    if (what === "play") this.toggle();
    else if (what === "back") this.step(-1);
    else if (what === "forward") this.step(1);
    else if (what === "loop") {
      this.clock.loop = !this.clock.loop;
      this.part('[data-act="loop"]').setAttribute("aria-pressed", String(this.clock.loop));
    }
  }

  quicken(speed) {
    this.clock.speed = Number(speed);
    this.part(".speed").value = speed;
    this.quickened(speed);
  }

  toggle() {
    if (this.clock.playing) this.clock.pause();
    else this.clock.play();
    this.pausedByHand = !this.clock.playing;
    this.changed();
  }

  step(by) {
    this.move(this.clock.frame + by);
  }

  move(frame) {
    this.clock.pause();
    this.pausedByHand = true;
    this.clock.seek(frame);
    this.changed();
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target.matches("select")) return;
    const far = event.shiftKey ? 10 : 1;
    const onButton = event.target.matches("button"); // which a space presses
    const moves = { ArrowLeft: -far, ArrowRight: far, ArrowDown: -far, ArrowUp: far };
    if (event.key === " " && !onButton) this.toggle();
    else if (event.key in moves && (event.key.endsWith("Left") || event.key.endsWith("Right") || this.onScrub(event)))
      this.step(moves[event.key]);
    else if (event.key === "Home") this.move(0);
    else if (event.key === "End") this.move(this.clock.frames - 1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  onScrub(event) {
    return event.target === this.scrub;
  }

  // Writes the clock onto the page: attributes for whoever waits on them, and ten times a second the bar for people.
  show(scene, now, active) {
    const { clock, root } = this;
    const step = scene.steps[clock.frame];
    root.dataset.frame = clock.frame;
    root.dataset.step = step;
    if (root.dataset.playing !== String(clock.playing)) {
      root.dataset.playing = clock.playing;
      this.part('[data-act="play"]').setAttribute("aria-label", clock.playing ? "Pause" : "Play");
    }
    if (clock.playing && now - this.shown < BAR_EVERY && this.scene === scene && !clock.atEnd) return;
    this.shown = now;
    this.scene = scene;
    const last = scene.steps[scene.frames - 1];
    if (Number(this.scrub.max) !== scene.frames - 1) this.scrub.max = scene.frames - 1;
    this.scrub.value = clock.frame;
    this.scrub.setAttribute("aria-valuetext", `Step ${step} of ${last}`);
    this.part(".clock").textContent = `step ${grouped(step)} of ${grouped(last)}`;
    tellHeads(this.part(".heads"), scene, clock.frame, active);
  }

  // Says aloud where it stopped. Silent while it plays: sixty sentences a second help no one.
  say(scene, active) {
    this.part(".live").textContent = spoken(scene, this.clock.frame, active);
  }
}
