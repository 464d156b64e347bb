// @ts-check
// What can be pressed: the scenarios, and which rules are shown.

import { element } from "../live/element.js";
import { set } from "./svg.js";

/**
 * A button for each scenario.
 * @param {{ title: string, idea: string, gradients: number[][] }[]} scenarios
 * @param {(gradients: number[][], idea: string) => void} choose
 */
export function scenarioButtons(scenarios, choose) {
  const row = element("div", { class: "row scenarios", role: "group", "aria-label": "Scenarios" });
  for (const { title, idea, gradients } of scenarios) {
    const button = element("button", { type: "button", title: idea }, title);
    button.addEventListener("click", () => choose(gradients, idea));
    row.append(button);
  }
  return row;
}

export class MethodChips {
  /**
   * @param {Record<string, import("./ask.js").Rule>} rules
   * @param {number} most
   * @param {(methods: string[]) => void} choose
   */
  constructor(rules, most, choose) {
    this.most = most;
    /** @type {string[]} */
    this.chosen = [];
    this.chips = Object.entries(rules).map(([key, { title }]) => {
      const chip = element("button", { type: "button", class: "chip", "data-method": key }, element("i"), title);
      chip.addEventListener("click", () => choose(this.turned(key)));
      return chip;
    });
    const chips = element("div", { class: "row chips", role: "group", "aria-label": "Rules shown" }, ...this.chips);
    this.root = element("section", { "aria-label": "Rules" }, chips);
  }

  /** The rules shown, with this one more or without it. @param {string} key */
  turned(key) {
    return this.chosen.includes(key) ? this.chosen.filter((one) => one !== key) : [...this.chosen, key];
  }

  /** @param {string[]} chosen @param {(place: number) => string} colourOf */
  show(chosen, colourOf) {
    this.chosen = chosen;
    for (const chip of this.chips) {
      const place = chosen.indexOf(chip.dataset.method ?? "");
      set(chip, { "aria-pressed": String(place >= 0) });
      chip.style.setProperty("--mark", place < 0 ? "transparent" : colourOf(place));
      chip.disabled = place < 0 ? chosen.length >= this.most : chosen.length === 1;
    }
  }
}
