// Numbers of a constant sum: a slider each, of which moving one moves the others.

import { element } from "./element.js";
import { NumberControl } from "./number.js";
import { shared, shortened } from "./shares.js";

/** @typedef {import("./spec.js").Spec} Spec */
/** @typedef {import("./spec.js").Values} Values */
/** @typedef {import("./number.js").Hand} Hand */

export class SharesControl {
  /**
   * @param {Spec} spec
   * @param {Hand} hand
   * @param {(which: number, text: string) => void} ask a typed text that is no share
   */
  constructor(spec, hand, ask) {
    const { labels = [], total = 1, least = 0 } = spec;
    /** @type {number[]} */
    this.value = spec.default;
    this.sliders = labels.map((label, which) => {
      const own = { key: `${spec.key}.${which}`, label, default: spec.default[which] };
      /** @type {Spec} */
      const one = { ...own, help: spec.help, kind: "float", low: 0, high: total, step: spec.step };
      return new NumberControl(one, {
        hold: (value) => hand.hold(shared(this.value, which, value, total, least)),
        release: () => hand.release(),
        ask: (text) => ask(which, text),
      }, shortened);
    });
    this.element = element("div", { class: "shares", role: "group", "aria-label": spec.label });
    this.element.append(...this.sliders.map((slider) => slider.element));
  }

  /**
   * @param {number[]} value
   * @param {Values} values
   */
  show(value, values) {
    this.value = value;
    this.sliders.forEach((slider, which) => slider.show(value[which], values));
  }
}
