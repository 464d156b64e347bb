// One of a few, a switch, and a typed list.

import { element, freshId, headOf } from "./element.js";

/** @typedef {import("./spec.js").Spec} Spec */
/** @typedef {import("./number.js").Hand} Hand */

const FEW = 3; // choices that stand side by side

export class ChoiceControl {
  /**
   * @param {Spec} spec
   * @param {Hand} hand
   */
  constructor(spec, hand) {
    const choices = spec.choices ?? [];
    const few = choices.length <= FEW;
    const id = freshId();
    const { head, label, tip } = headOf(spec.label, spec.help ?? "", few ? undefined : id);
    this.options = few ? this.sideBySide(choices, id, hand) : [];
    const select = few ? undefined : element("select", { id, "aria-describedby": tip });
    select?.append(...choices.map((choice) => element("option", { value: choice }, choice)));
    select?.addEventListener("change", () => chosen(hand, select.value));
    this.select = select;
    const row = element("div", { class: "choices", role: "radiogroup", "aria-labelledby": label, "aria-describedby": tip });
    row.append(...this.options.map((option) => option.parentElement ?? option));
    this.element = element("div", { class: "control" }, head, select ?? row);
  }

  /**
   * @param {string[]} choices
   * @param {string} name
   * @param {Hand} hand
   */
  sideBySide(choices, name, hand) {
    return choices.map((value) => {
      const option = element("input", { type: "radio", name, value });
      element("label", { class: "option" }, option, element("span", {}, value));
      option.addEventListener("change", () => chosen(hand, value));
      return option;
    });
  }

  /** @param {any} value */
  show(value) {
    for (const option of this.options) option.checked = option.value === value;
    if (this.select) this.select.value = value;
  }
}

export class BoolControl {
  /**
   * @param {Spec} spec
   * @param {Hand} hand
   */
  constructor(spec, hand) {
    const id = freshId();
    const { head, tip } = headOf(spec.label, spec.help ?? "", id);
    this.input = element("input", { type: "checkbox", role: "switch", id, "aria-describedby": tip });
    this.input.addEventListener("change", () => chosen(hand, this.input.checked));
    head.append(this.input);
    this.element = element("div", { class: "control" }, head);
  }

  /** @param {any} value */
  show(value) {
    this.input.checked = value;
  }
}

export class TextControl {
  /**
   * @param {Spec} spec
   * @param {Hand} hand
   */
  constructor(spec, hand) {
    const id = freshId();
    const { head, tip } = headOf(spec.label, spec.help ?? "", id);
    const input = element("input", {
      type: "text", class: "text", id, placeholder: "equal", autocomplete: "off", spellcheck: "false", maxlength: 400,
      "aria-describedby": tip,
    });
    input.addEventListener("change", () => hand.ask(input.value));
    input.addEventListener("keydown", (event) => event.key === "Escape" && this.show(this.value));
    this.input = input;
    this.value = "";
    this.element = element("div", { class: "control" }, head, input);
  }

  /** @param {any} value */
  show(value) {
    this.value = value;
    const root = /** @type {Document | ShadowRoot} */ (this.input.getRootNode());
    if (root.activeElement !== this.input) this.input.value = value;
  }
}

/**
 * @param {Hand} hand
 * @param {any} value
 */
function chosen(hand, value) {
  hand.hold(value);
  hand.release();
}
