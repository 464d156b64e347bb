// The controls of a stage: what a hand changes and what the server says of it, shown wherever they stand in the page.

import { watchServer } from "../connection.js";
import { publish } from "./bus.js";
import { Exchange } from "./exchange.js";
import { Groups } from "./groups.js";
import { fitted } from "./scale.js";

/** @typedef {import("./spec.js").Group} Group */
/** @typedef {import("./spec.js").Spec} Spec */
/** @typedef {import("./spec.js").Values} Values */
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
    /** @type {Group[]} */
    this.groups = [];
    this.places = [new Groups(root, this)];
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
    this.groups = groups;
    this.specs = groups.flatMap((group) => group.controls);
    for (const place of this.places) place.build(groups);
  }

  /**
   * Shows the controls in another element as well: a hand on either moves both.
   * @param {HTMLElement} root
   */
  standIn(root) {
    const place = new Groups(root, this);
    place.build(this.groups);
    this.places.push(place);
    this.show();
  }

  /** Tells Python once more of all that it has not answered: it was away, and may not have heard. */
  again() {
    if (this.exchange.unheard.size) this.tell(this.exchange.again());
  }

  /** @param {import("./exchange.js").Change} change */
  tell(change) {
    this.send({ ...change, has: this.has });
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
    for (const place of this.places) place.show(this.exchange.values);
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
