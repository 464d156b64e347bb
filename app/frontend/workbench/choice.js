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
   * @param {(key: string) => void} choose shows this rule, or no longer
   */
  constructor(rules, most, choose) {
    this.most = most;
    this.chips = Object.entries(rules).map(([key, { title }]) => {
      const chip = element("button", { type: "button", class: "chip", "data-method": key }, element("i"), title);
      chip.addEventListener("click", () => choose(key));
      return chip;
    });
    const chips = element("div", { class: "row chips", role: "group", "aria-label": "Rules shown" }, ...this.chips);
    this.root = element("section", { "aria-label": "Rules" }, chips);
  }

  /** @param {string[]} chosen @param {(place: number) => string} colourOf */
  show(chosen, colourOf) {
    for (const chip of this.chips) {
      const place = chosen.indexOf(chip.dataset.method ?? "");
      set(chip, { "aria-pressed": String(place >= 0) });
      chip.style.setProperty("--mark", place < 0 ? "transparent" : colourOf(place));
      chip.disabled = place < 0 ? chosen.length >= this.most : chosen.length === 1;
    }
  }
}
