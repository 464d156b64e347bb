// A number: a slider, and its value in a box to type another one into; or the box alone, with a die.

import { element, freshId, headOf } from "./element.js";
import { lettersOf, numberIn, placeOf, stopsOf, textOf } from "./scale.js";

/** @typedef {import("./spec.js").Spec} Spec */
/** @typedef {import("./spec.js").Values} Values */

/**
 * What a control tells of the hand on it.
 * @typedef {object} Hand
 * @property {(value: any) => void} hold it shows this value now
 * @property {() => void} release the hand has let go
 * @property {(text: string) => void} ask a typed text that is no value of the field
 */

const DIE = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M5 3h14a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V5a2
2 0 0 1 2-2zm2.5 3a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zm9 0a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zM12 10.5a1.5 1.5 0 1 0 0
3 1.5 1.5 0 0 0 0-3zM7.5 15a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zm9 0a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3z"/></svg>`;

export class NumberControl {
  /**
   * @param {Spec} spec
   * @param {Hand} hand
   * @param {(value: number) => number} [shortened] how the box rounds what it shows
   */
  constructor(spec, hand, shortened = (value) => value) {
    this.spec = spec;
    this.hand = hand;
    this.shortened = shortened;
    /** @type {Values} */
    this.values = {};
    /** @type {any} */
    this.value = spec.default;
    this.slides = spec.drawn === undefined;
    const id = freshId();
    const { head, label, tip } = headOf(spec.label, spec.help ?? "", id);
    const own = this.slides ? { "aria-label": `${spec.label}, typed` } : { id, "aria-describedby": tip };
    this.box = element("input", {
      type: "text", inputmode: spec.kind === "int" ? "numeric" : "decimal", class: "box", autocomplete: "off",
      spellcheck: "false", maxlength: 40, ...own,
    });
    this.element = element("div", { class: "control", "data-field": spec.key }, head);
    this.listenToBox();
    head.append(this.box);
    if (this.slides) this.addSlider(id, tip);
    else head.append(this.die(label));
  }

  /**
   * Shows a value among those of all fields.
   * @param {any} value
   * @param {Values} values
   */
  show(value, values) {
    this.value = value;
    this.values = values;
    const text = textOf(this.spec, typeof value === "number" ? this.shortened(value) : value, values);
    if (!this.typing) this.box.value = text;
    const letters = this.range ? lettersOf(this.spec, values) : 0;
    this.box.style.setProperty("--length", String(Math.max(letters, this.box.value.length)));
    if (!this.range) return;
    const stops = stopsOf(this.spec, values);
    const place = placeOf(stops, value);
    this.range.max = String(stops.length - 1);
    this.range.disabled = stops.length < 2;
    if (Number(this.range.value) !== place) this.range.value = String(place);
    this.range.setAttribute("aria-valuetext", text);
    this.range.style.setProperty("--filled", String(place / Math.max(1, stops.length - 1)));
  }

  /**
   * @param {string} id
   * @param {string | undefined} tip
   */
  addSlider(id, tip) {
    const range = element("input", { type: "range", id, min: 0, max: 1, step: 1, "aria-describedby": tip });
    this.range = range;
    this.element.append(range);
    let keyed = false; // a held key moves it many times and lets it go once
    let pressed = false;
    const release = () => {
      keyed = pressed = false;
      this.hand.release();
    };
    range.addEventListener("input", () => this.hand.hold(stopsOf(this.spec, this.values)[Number(range.value)]));
    range.addEventListener("keydown", () => (keyed = true));
    range.addEventListener("keyup", () => keyed && release());
    range.addEventListener("blur", () => keyed && release());
    range.addEventListener("pointerdown", () => {
      pressed = true;
      for (const end of ["pointerup", "pointercancel"])
        window.addEventListener(end, () => pressed && release(), { once: true, capture: true });
    });
    range.addEventListener("change", () => keyed || release()); // a screen reader's, or a pointer's
  }

  listenToBox() {
    const { box } = this;
    this.typing = false;
    let stepped = false;
    const release = () => {
      if (stepped) this.hand.release();
      stepped = false;
    };
    box.addEventListener("input", () => (this.typing = true));
    box.addEventListener("focus", () => box.select());
    box.addEventListener("blur", () => {
      this.commit();
      release();
    });
    box.addEventListener("keyup", release);
    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.commit();
      if (event.key === "Escape") this.forget();
      const by = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
      if (!by) return;
      event.preventDefault();
      stepped = true;
      this.step(by);
    });
  }

  forget() {
    this.typing = false;
    this.show(this.value, this.values);
  }

  /** Takes what was typed. */
  commit() {
    if (!this.typing) return;
    const text = this.box.value;
    const value = numberIn(this.spec, text, this.values);
    this.typing = false;
    if (value === null) return this.hand.ask(text);
    this.hand.hold(value);
    this.hand.release();
  }

  /** @param {number} by how many stops */
  step(by) {
    this.typing = false;
    if (!this.slides) {
      const next = numberIn(this.spec, String(this.value + by), this.values);
      if (next !== null) this.hand.hold(next);
      return;
    }
    const stops = stopsOf(this.spec, this.values);
    const next = stops[placeOf(stops, this.value) + by];
    if (next !== undefined) this.hand.hold(next);
  }

  /** @param {string} label id of the control's name */
  die(label) {
    const id = freshId();
    const button = element("button", {
      type: "button", class: "die", id, title: "Draw another", "aria-label": "Draw another", "aria-labelledby": `${id} ${label}`,
    });
    button.innerHTML = DIE;
    button.addEventListener("click", () => {
      this.typing = false;
      this.hand.hold(Math.floor(Math.random() * (this.spec.drawn ?? 0)));
      this.hand.release();
    });
    return button;
  }
}
