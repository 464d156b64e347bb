// @ts-check
// The tasks as a table of numbers to type: gradient, loss, preference; and how many tasks there are.

import { element } from "../live/element.js";
import { children, set } from "./svg.js";

/** @typedef {import("./ask.js").Given} Given */
/**
 * given: what holds now, which may not be drawn yet.
 * @typedef {{ given: () => Given, change: (values: Partial<Given>) => void }} Hand
 */

/** What can be typed: where it stands among the state's fields, and between which numbers. */
const COLUMNS = [
  { label: "x", of: "gradients", at: 0, low: -10, high: 10 },
  { label: "y", of: "gradients", at: 1, low: -10, high: 10 },
  { label: "loss", of: "losses", at: -1, low: 0.01, high: 100 },
  { label: "preference", of: "preferences", at: -1, low: 0.01, high: 100 },
];
const FRESH = [[0.3, -1.1], [-1, -0.4]]; // the gradients of a third and a fourth task

export class Tasks {
  /** @param {Hand} hand @param {number[]} counts the fewest and the most tasks */
  constructor(hand, [fewest, most]) {
    this.hand = hand;
    this.fewest = fewest;
    this.most = most;
    const heads = ["Task", ...COLUMNS.map(({ label }) => label)].map((text) => element("th", { scope: "col" }, text));
    this.body = element("tbody");
    this.table = element("table", { class: "tasks", "aria-label": "Gradients, losses and preferences" });
    this.table.append(element("thead", {}, element("tr", {}, ...heads)), this.body);
    this.more = this.button("Add a task", () => this.add());
    this.fewer = this.button("Take one away", () => this.remove());
    const buttons = element("div", { class: "row" }, this.more, this.fewer);
    this.root = element("section", { "aria-label": "Tasks" }, this.table, buttons);
  }

  /** @param {string} text @param {() => void} act */
  button(text, act) {
    const button = element("button", { type: "button" }, text);
    button.addEventListener("click", act);
    return button;
  }

  /** @param {Given} given @param {import("./plane.js").Theme} theme */
  show(given, theme) {
    const tasks = given.gradients.length;
    children(this.body, tasks, () => this.row(this.body.childElementCount)).forEach((row, k) => {
      /** @type {HTMLElement} */ (row.firstElementChild).style.color = theme.task_text[k];
      COLUMNS.forEach((column, i) => {
        const box = /** @type {HTMLInputElement} */ (row.children[i + 1].firstElementChild);
        const text = String(this.value(column, k));
        if (box.dataset.typing !== "true" && box.value !== text) box.value = text;
      });
    });
    this.more.disabled = tasks >= this.most;
    this.fewer.disabled = tasks <= this.fewest;
  }

  /** @param {typeof COLUMNS[number]} column @param {number} k */
  value({ of, at }, k) {
    const own = /** @type {any} */ (this.hand.given())[of][k];
    return at < 0 ? own : own[at];
  }

  /** @param {number} k */
  row(k) {
    const row = element("tr", {}, element("th", { scope: "row" }, String(k + 1)));
    for (const column of COLUMNS) row.append(element("td", {}, this.box(column, k)));
    return row;
  }

  /** @param {typeof COLUMNS[number]} column @param {number} k */
  box(column, k) {
    const what = column.of === "gradients" ? `${column.label} of the gradient` : column.label;
    const box = element("input", { type: "text", inputmode: "decimal", maxlength: 12, autocomplete: "off", "aria-label": `Task ${k + 1}: ${what}` });
    const done = () => {
      if (box.dataset.typing !== "true") return;
      box.dataset.typing = "false";
      this.typed(column, k, box);
    };
    box.addEventListener("input", () => (box.dataset.typing = "true"));
    box.addEventListener("focus", () => box.select());
    box.addEventListener("blur", done);
    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter") done();
      if (event.key === "Escape") [box.dataset.typing, box.value] = ["false", String(this.value(column, k))];
    });
    return box;
  }

  /** @param {typeof COLUMNS[number]} column @param {number} k @param {HTMLInputElement} box */
  typed(column, k, box) {
    const value = Number(box.value.trim().replace(",", ".").replace("−", "-"));
    const fits = box.value.trim() !== "" && value >= column.low && value <= column.high;
    const what = `It takes a number from ${column.low} to ${column.high}.`;
    box.setCustomValidity(fits ? "" : what);
    set(box, { "aria-invalid": String(!fits) });
    if (!fits) {
      box.dataset.typing = "true"; // it stays, to be mended
      box.reportValidity();
      return;
    }
    const changed = structuredClone(/** @type {any} */ (this.hand.given())[column.of]);
    if (column.at < 0) changed[k] = value;
    else changed[k][column.at] = value;
    this.hand.change({ [column.of]: changed });
  }

  add() {
    if (this.hand.given().gradients.length >= this.most) return;
    const { gradients, losses, preferences } = this.hand.given();
    this.hand.change({ gradients: [...gradients, FRESH[gradients.length - 2]], losses: [...losses, 1], preferences: [...preferences, 1] });
  }

  remove() {
    if (this.hand.given().gradients.length <= this.fewest) return;
    const { gradients, losses, preferences } = this.hand.given();
    this.hand.change({ gradients: gradients.slice(0, -1), losses: losses.slice(0, -1), preferences: preferences.slice(0, -1) });
  }
}
