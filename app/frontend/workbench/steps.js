// @ts-check
// How a rule gets there: which one, and its construction step by step, forward, back, or played.

import { element } from "../live/element.js";
import { say, set } from "./svg.js";
import { numberText } from "./words.js";

/** @typedef {import("./construct.js").Construction} Construction */
/** @typedef {{ choose: (how: string) => void, go: (step: number) => void, rest: () => void }} Hand */

const EACH = 1800; // milliseconds of a step that is played
const NONE = "no rule";

export class Steps {
  /** @param {Hand} hand */
  constructor(hand) {
    this.hand = hand;
    this.step = 1;
    this.count = 0;
    this.playing = 0;
    this.select = element("select", { id: "workbench-how" });
    this.select.addEventListener("change", () => this.chosen());
    const label = element("label", { for: "workbench-how" }, "How it gets there:");
    this.back = this.button("Back", () => this.go(this.step - 1));
    this.forward = this.button("Forward", () => this.go(this.step + 1));
    this.play = this.button("Play", () => (this.playing ? this.stop() : this.start()));
    this.place = element("span", { class: "place" });
    this.bar = element("div", { class: "row steps" }, this.back, this.forward, this.play, this.place);
    this.title = element("h3");
    this.text = element("p");
    this.words = element("div", { class: "words", "aria-live": "polite" }, this.title, this.text);
    this.root = element("section", { "aria-label": "How a rule gets there" }, element("div", { class: "row how" }, label, this.select), this.bar, this.words);
    this.options = "";
  }

  /** @param {string} text @param {() => void} act */
  button(text, act) {
    const button = element("button", { type: "button" }, text);
    button.addEventListener("click", act);
    return button;
  }

  /**
   * @param {string} how
   * @param {{ key: string, title: string }[]} offered
   * @param {Construction | null} construction
   * @param {number} step
   * @param {import("./ask.js").Answer | null} answer
   */
  show(how, offered, construction, step, answer) {
    this.offer(how, offered);
    this.count = construction?.steps.length ?? 0;
    this.step = step;
    this.bar.hidden = !construction;
    this.words.hidden = !how;
    this.back.disabled = step <= 1;
    this.forward.disabled = step >= this.count;
    say(this.place, `step ${step} of ${this.count}`);
    const words = construction?.steps[step - 1] ?? (answer ? without(answer) : { title: "", text: "" });
    say(this.title, words.title);
    say(this.text, words.text);
    if (this.playing && !construction) this.stop();
  }

  /** @param {string} how @param {{ key: string, title: string }[]} offered */
  offer(how, offered) {
    const options = JSON.stringify(offered);
    if (options !== this.options) {
      const made = offered.map(({ key, title }) => element("option", { value: key }, title));
      this.select.replaceChildren(element("option", { value: "" }, NONE), ...made);
    }
    this.options = options;
    if (this.select.value !== how) this.select.value = how;
  }

  chosen() {
    this.stop();
    this.hand.choose(this.select.value);
  }

  /** @param {number} step */
  go(step) {
    this.stop();
    this.move(step);
    this.hand.rest();
  }

  /** Goes on at once, before it is drawn. @param {number} step */
  move(step) {
    this.step = Math.min(this.count, Math.max(1, step));
    this.hand.go(this.step);
  }

  start() {
    if (this.step >= this.count) this.move(1);
    this.playing = window.setInterval(() => (this.step < this.count ? this.move(this.step + 1) : this.stop()), EACH);
    this.tell();
  }

  stop() {
    if (!this.playing) return;
    window.clearInterval(this.playing);
    this.playing = 0;
    this.hand.rest();
    this.tell();
  }

  tell() {
    say(this.play, this.playing ? "Pause" : "Play");
    set(this.play, { "aria-pressed": String(Boolean(this.playing)) });
  }
}

/** What is said where there is nothing to step through. @param {import("./ask.js").Answer} answer */
function without({ weights }) {
  const numbers = weights ? `its weights are ${weights.map((w) => numberText(w)).join(", ")}` : "its update is in the table";
  return { title: "The answer alone", text: `There is no construction of this rule at these gradients: ${numbers}.` };
}
