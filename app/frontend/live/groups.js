// Groups of controls as they stand on the page: builds what the specs say, keeps what stands already, shows the values.

import { BoolControl, ChoiceControl, TextControl } from "./choice.js";
import { element } from "./element.js";
import { NumberControl } from "./number.js";
import { fitted } from "./scale.js";
import { SharesControl } from "./sharing.js";

/** @typedef {import("./spec.js").Group} Group */
/** @typedef {import("./spec.js").Spec} Spec */
/** @typedef {import("./spec.js").Values} Values */
/** @typedef {{spec: string, element: HTMLElement, show: (value: any, values: Values) => void}} Control */

/**
 * What is told of the hands on the controls.
 * @typedef {object} Hands
 * @property {(key: string) => import("./number.js").Hand} hand
 * @property {(key: string, asked: string, text: string) => void} ask
 */

export class Groups {
  /**
   * @param {HTMLElement} root
   * @param {Hands} hands
   */
  constructor(root, hands) {
    this.root = root;
    this.hands = hands;
    /** @type {Spec[]} */
    this.specs = [];
    /** @type {Map<string, Control>} */
    this.controls = new Map();
    /** @type {Map<string, HTMLElement>} */
    this.groups = new Map();
  }

  /** @param {Group[]} groups */
  build(groups) {
    this.specs = groups.flatMap((group) => group.controls);
    arrange(this.root, groups.map((group) => this.group(group)));
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
    const hand = this.hands.hand(spec.key);
    switch (spec.kind) {
      case "choice":
        return new ChoiceControl(spec, hand);
      case "bool":
        return new BoolControl(spec, hand);
      case "text":
        return new TextControl(spec, hand);
      case "shares":
        return new SharesControl(spec, hand, (which, text) => this.hands.ask(spec.key, `${spec.key}.${which}`, text));
      default:
        return new NumberControl(spec, hand);
    }
  }

  /**
   * Shows these values, and what no longer fits at its default.
   * @param {Values} given
   */
  show(given) {
    const values = fitted(this.specs, given);
    for (const spec of this.specs) this.controls.get(spec.key)?.show(values[spec.key], values);
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
