// Groups of controls: builds what the specs say, keeps what stands already, shows the values that hold.

import { watchServer } from "../connection.js";
import { publish } from "./bus.js";
import { BoolControl, ChoiceControl, TextControl } from "./choice.js";
import { element } from "./element.js";
import { Exchange } from "./exchange.js";
import { NumberControl } from "./number.js";
import { fitted } from "./scale.js";
import { SharesControl } from "./sharing.js";

/** @typedef {import("./spec.js").Group} Group */
/** @typedef {import("./spec.js").Spec} Spec */
/** @typedef {import("./spec.js").Values} Values */
/** @typedef {{spec: string, element: HTMLElement, show: (value: any, values: Values) => void}} Control */
/** @typedef {{slot: string, heard: string, digest: string, groups?: Group[], values: Values}} Told */
/** @typedef {import("./exchange.js").Change & {has: string}} Sent */

/** @type {Map<string, Group[]>} what every digest that was told stands for: the same groups are not sent again */
const remembered = new Map();

export class Panel {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.exchange = new Exchange(`${Date.now().toString(36)}${Math.random().toString(36).slice(2, 6)}`);
    this.slot = "";
    /** @type {Spec[]} */
    this.specs = [];
    /** @type {Map<string, Control>} */
    this.controls = new Map();
    /** @type {Map<string, HTMLElement>} */
    this.groups = new Map();
    /** @type {(change: Sent) => void} */
    this.send = () => {};
    this.has = "";
    this.unwatch = watchServer((away) => away || this.again());
  }

  destroy() {
    this.unwatch();
  }

  /**
   * Takes what the page's owner says.
   * @param {Told} told
   */
  hear({ slot, heard, digest, groups, values }) {
    this.slot = slot;
    if (groups) remembered.set(digest, groups);
    const known = remembered.get(digest);
    this.has = known ? digest : "";
    const again = this.exchange.hear(heard, values);
    if (known) this.build(known);
    this.show();
    this.publish();
    if (again || !known) this.tell(this.exchange.again());
  }

  /** @param {Group[]} groups */
  build(groups) {
    this.specs = groups.flatMap((group) => group.controls);
    arrange(this.root, groups.map((group) => this.group(group)));
  }

  /** Tells Python once more of all that it has not answered: it was away, and may not have heard. */
  again() {
    if (this.exchange.unheard.size) this.tell(this.exchange.again());
  }

  /** @param {import("./exchange.js").Change} change */
  tell(change) {
    this.send({ ...change, has: this.has });
  }

  /** @param {Group} group */
  group({ title, controls, folded }) {
    const name = `${folded ? "folded" : "open"}:${title}`;
    let drawn = this.groups.get(name);
    if (!drawn) {
      const body = element("div", { class: "body" });
      drawn = folded
        ? element("details", { class: "group" }, element("summary", {}, title), body)
        : element("section", { class: "group" }, element("h2", {}, title), body);
      this.groups.set(name, drawn);
    }
    arrange(/** @type {HTMLElement} */ (drawn.lastElementChild), controls.map((spec) => this.control(spec).element));
    return drawn;
  }

  /** @param {Spec} spec */
  control(spec) {
    const text = JSON.stringify(spec);
    const known = this.controls.get(spec.key);
    if (known?.spec === text) return known;
    const drawn = this.draw(spec);
    const control = { spec: text, element: drawn.element, show: drawn.show.bind(drawn) };
    control.element.dataset.field = spec.key;
    this.controls.set(spec.key, control);
    return control;
  }

  /**
   * @param {Spec} spec
   * @returns {{element: HTMLElement, show: (value: any, values: Values) => void}}
   */
  draw(spec) {
    const hand = this.hand(spec.key);
    switch (spec.kind) {
      case "choice":
        return new ChoiceControl(spec, hand);
      case "bool":
        return new BoolControl(spec, hand);
      case "text":
        return new TextControl(spec, hand);
      case "shares":
        return new SharesControl(spec, hand, (which, text) => this.ask(spec.key, `${spec.key}.${which}`, text));
      default:
        return new NumberControl(spec, hand);
    }
  }

  /**
   * @param {string} key
   * @returns {import("./number.js").Hand}
   */
  hand(key) {
    return {
      hold: (value) => {
        this.exchange.hold(key, value);
        this.show();
        this.publish();
      },
      release: () => {
        if (!this.exchange.held.has(key)) return;
        const change = this.exchange.release(key);
        this.publish();
        if (change) this.tell(change);
      },
      ask: (text) => this.ask(key, key, text),
    };
  }

  /**
   * Sends a text that is no value here: the server says why.
   * @param {string} key
   * @param {string} asked
   * @param {string} text
   */
  ask(key, asked, text) {
    this.exchange.held.delete(key);
    this.tell(this.exchange.tell(asked, text));
  }

  show() {
    const values = fitted(this.specs, this.exchange.values);
    for (const spec of this.specs) this.controls.get(spec.key)?.show(values[spec.key], values);
  }

  /** Tells the stage what the server has not confirmed yet, and what no longer fits beside it. */
  publish() {
    const { exchange } = this;
    const news = exchange.news;
    const fitting = fitted(this.specs, exchange.values);
    for (const { key } of this.specs)
      if (fitting[key] !== exchange.values[key]) news[key] = fitting[key];
    publish(this.slot, { values: news, held: exchange.held.size > 0, id: exchange.id });
  }
}

/**
 * Puts these elements into a parent in this order and takes out all others; one that stands right is not touched, and
 * keeps the focus.
 * @param {HTMLElement} parent
 * @param {HTMLElement[]} wanted
 */
function arrange(parent, wanted) {
  for (const child of [...parent.children]) if (!wanted.includes(/** @type {HTMLElement} */ (child))) child.remove();
  wanted.forEach((child, i) => {
    if (parent.children[i] !== child) parent.insertBefore(child, parent.children[i] ?? null);
  });
}
