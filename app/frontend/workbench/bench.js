// @ts-check
// The workbench: what a hand holds is computed and drawn with the next frame, and told to Python when it lets go.

import { watchServer } from "../connection.js";
import { element } from "../live/element.js";
import { Exchange } from "../live/exchange.js";
import { readTheme } from "../stage/theme.js";
import { answerOf } from "./ask.js";
import { MethodChips, scenarioButtons } from "./choice.js";
import { constructionOf } from "./construct.js";
import { lookOf } from "./looks.js";
import { Plane } from "./plane.js";
import { Steps } from "./steps.js";
import { AnswerTable } from "./table.js";
import { Tasks } from "./tasks.js";

/** @typedef {import("./ask.js").Rule} Rule */
/** @typedef {{ rules: Record<string, Rule>, scenarios: any[], room: number[], tasks: number[],
 *   most: number }} Told */

const KEYS = "Pull a tip, or focus it and press the arrow keys; with Shift they move it less.";

export class Bench {
  /** @param {HTMLElement} root @param {import("../engine/memory.js").Engine} engine @param {Told} told */
  constructor(root, engine, told) {
    this.root = root;
    this.engine = engine;
    this.told = told;
    this.exchange = new Exchange(`${Date.now().toString(36)}${Math.random().toString(36).slice(2, 6)}`);
    /** @type {(change: any) => void} */
    this.send = () => {};
    this.request = 0;
    this.ended = false;
    this.theme = readTheme(root, null);
    this.plane = new Plane({ at: (k) => this.values.gradients[k], hold: (k, point) => this.pull(k, point), release: () => this.release(["gradients"]) });
    this.tasks = new Tasks({ given: () => /** @type {any} */ (this.values), change: (values) => this.change(values) }, told.tasks);
    this.chips = new MethodChips(told.rules, told.most, (key) => this.turn(key));
    this.table = new AnswerTable();
    this.steps = new Steps({
      choose: (how) => this.change({ how, step: 1 }),
      go: (step) => this.go(step),
      rest: () => this.release(["step"]),
    });
    this.idea = element("p", { class: "idea", "aria-live": "polite" });
    this.build();
    this.resizing = new ResizeObserver(() => this.soon());
    this.resizing.observe(this.plane.root);
    this.unwatch = watchServer((away) => away || this.again());
  }

  build() {
    const scenarios = scenarioButtons(this.told.scenarios, (gradients, idea) => this.stage(gradients, idea));
    const keys = element("p", { class: "small", id: "workbench-keys" }, KEYS);
    const left = element("div", { class: "left" }, this.plane.root, keys, this.idea);
    const right = element("div", { class: "right" }, scenarios, this.tasks.root, this.steps.root);
    this.root.append(element("div", { class: "columns" }, left, right), this.chips.root, this.table.root);
  }

  destroy() {
    this.ended = true;
    cancelAnimationFrame(this.request);
    this.resizing.disconnect();
    this.unwatch();
    window.clearInterval(this.steps.playing);
  }

  /** Takes what Python says. @param {{ heard: string, values: any }} told */
  hear({ heard, values }) {
    this.theme = readTheme(this.root, null);
    if (this.exchange.hear(heard, values)) this.again();
    this.paint();
  }

  /** Tells Python once more of all that it has not answered. */
  again() {
    if (this.exchange.unheard.size) this.send(this.exchange.again());
  }

  /** A hand holds a tip. @param {number} k @param {number[]} point */
  pull(k, point) {
    const gradients = this.values.gradients.map((/** @type {number[]} */ one, /** @type {number} */ i) => (i === k ? point : one));
    this.exchange.hold("gradients", gradients);
    this.soon();
  }

  /** Another step of the construction is looked at. @param {number} step */
  go(step) {
    this.exchange.hold("step", step);
    this.soon();
  }

  /** Something is changed at once. @param {Record<string, any>} values */
  change(values) {
    for (const [key, value] of Object.entries(values)) this.exchange.hold(key, value);
    this.release(Object.keys(values));
    this.soon();
  }

  /** A rule is shown, or no longer; one at least is. @param {string} key */
  turn(key) {
    const { methods } = this.values;
    const kept = methods.filter((/** @type {string} */ one) => one !== key);
    const next = kept.length < methods.length ? kept : [...methods, key];
    if (next.length >= 1 && next.length <= this.told.most) this.change({ methods: next });
  }

  /** @param {string[]} keys */
  release(keys) {
    const told = keys.map((key) => this.exchange.release(key)).filter((change) => change !== null);
    if (told.length) this.send(told[told.length - 1]); // the last one has all
    this.soon();
  }

  /** @param {number[][]} gradients @param {string} idea */
  stage(gradients, idea) {
    const ones = gradients.map(() => 1);
    this.idea.textContent = idea;
    this.change({ gradients, losses: ones, preferences: ones });
  }

  get values() {
    return this.exchange.values;
  }

  /** Draws with the next frame: of several changes within one the last counts. */
  soon() {
    this.request ||= requestAnimationFrame(() => {
      this.request = 0;
      this.paint();
    });
  }

  paint() {
    if (this.ended || !this.values.gradients) return;
    const { theme, values } = this;
    this.plane.measure(values.gradients);
    if (!this.plane.frame.size) return; // it is drawn once it has a place
    const lines = this.lines();
    const last = this.construct(lines);
    const shown = lines.map((line) => ({ ...line, title: line.rule.title, aside: values.how !== "" && !(last && line.key === values.how) }));
    this.plane.draw(values.gradients, shown, theme);
    this.tasks.show(/** @type {any} */ (values), theme);
    this.chips.show(values.methods, (place) => lookOf(theme, place).colour);
    this.table.show(lines, values.gradients.length, theme);
    this.root.dataset.painted = "true";
  }

  /** What every chosen rule answers. @returns {import("./table.js").Line[]} */
  lines() {
    const { rules } = this.told;
    return this.values.methods.map((/** @type {string} */ key, /** @type {number} */ place) => ({
      key, rule: rules[key], ...lookOf(this.theme, place), answer: answerOf(this.engine, rules[key], /** @type {any} */ (this.values)),
    }));
  }

  /**
   * Draws and tells the step that is looked at of the chosen rule's construction. Returns whether it is the last one, or
   * there is none to wait for.
   * @param {import("./table.js").Line[]} lines
   */
  construct(lines) {
    const { how, step } = this.values;
    const { engine, theme, told } = this;
    const given = /** @type {any} */ (this.values);
    const rule = how ? told.rules[how] : null;
    const line = lines.find(({ key }) => key === how);
    const answer = rule && (line?.answer ?? answerOf(engine, rule, given));
    const found = rule && answer ? constructionOf(engine, rule, given, answer, told.room) : null;
    const at = Math.min(step, found?.steps.length ?? 1);
    const offered = [...lines, ...(rule && !line ? [{ key: how, rule }] : [])].map(({ key, rule: { title } }) => ({ key, title }));
    this.steps.show(how, offered, found, at, answer);
    this.plane.construct(found?.marks ?? [], at, { theme, colour: line?.colour ?? theme.ink, dash: line?.dash ?? "" });
    return !found || at === found.steps.length;
  }
}
