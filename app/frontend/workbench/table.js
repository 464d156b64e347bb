// @ts-check
// The table of answers: a line a rule, in its colour and dash.

import { element } from "../live/element.js";
import { children, say, set, svg } from "./svg.js";
import { angleText, effectOf, numberText } from "./words.js";

/** @typedef {import("./ask.js").Answer} Answer */
/** @typedef {import("./ask.js").Rule} Rule */
/** @typedef {{ key: string, rule: Rule, colour: string, dash: string, answer: Answer }} Line */

const TAIL = ["length", "angle to the mean", "backward passes"];

export class AnswerTable {
  constructor() {
    this.head = element("tr");
    this.body = element("tbody");
    this.notes = element("ul");
    const table = element("table", { class: "answers" }, element("caption", { class: "unseen" }, "What every rule answers"));
    table.append(element("thead", {}, this.head), this.body);
    const scroll = element("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Answers" }, table);
    const legend = element("p", { class: "small" }, "Numbers under a task are its weight. ▲ the update helps it, ▼ hurts it, – neither; 30/64: it helps in 30 of 64 draws.");
    const notes = element("details", {}, element("summary", {}, "How these rules were set"), this.notes);
    this.root = element("section", { "aria-label": "Answers of the rules" }, scroll, legend, notes);
    this.tasks = 0;
    this.noted = "";
  }

  /** @param {Line[]} lines @param {number} tasks @param {import("./plane.js").Theme} theme */
  show(lines, tasks, theme) {
    if (tasks !== this.tasks) this.begin(tasks);
    this.tasks = tasks;
    [...this.head.children].slice(1, tasks + 1).forEach((cell, k) => (/** @type {HTMLElement} */ (cell).style.color = theme.task_text[k]));
    children(this.body, lines.length, () => this.row()).forEach((row, i) => fill(row, lines[i], tasks));
    const noted = JSON.stringify(lines.map(({ key }) => key));
    if (noted !== this.noted) this.note(lines);
    this.noted = noted;
  }

  /** @param {number} tasks */
  begin(tasks) {
    const heads = ["rule", ...Array.from({ length: tasks }, (_, k) => `task ${k + 1}`), ...TAIL];
    this.head.replaceChildren(...heads.map((text) => element("th", { scope: "col" }, text)));
    this.body.replaceChildren();
  }

  row() {
    const line = svg("line", { x1: 1, x2: 33, y1: 6, y2: 6, "stroke-width": 4 });
    const name = element("th", { scope: "row" }, svg("svg", { width: 34, height: 12, "aria-hidden": "true" }, line), element("span"));
    const cells = Array.from({ length: this.tasks }, () => element("td", {}, element("span", { class: "weight" }), element("span", { class: "mark", "aria-hidden": "true" }), element("span", { class: "unseen" })));
    return element("tr", {}, name, ...cells, ...TAIL.map(() => element("td")));
  }

  /** @param {Line[]} lines */
  note(lines) {
    const noted = lines.filter(({ rule }) => rule.notes.length);
    this.notes.replaceChildren(...noted.map(({ rule }) => element("li", {}, element("b", {}, `${rule.title}: `), rule.notes.join(" "))));
  }
}

/** @param {Element} row @param {Line} line @param {number} tasks */
function fill(row, { key, rule, colour, dash, answer }, tasks) {
  set(row, { "data-method": key });
  const [name, ...cells] = row.children;
  set(/** @type {Element} */ (name.firstElementChild?.firstElementChild), { stroke: colour, "stroke-dasharray": dash || "none" });
  say(/** @type {Element} */ (name.lastElementChild), rule.title);
  for (let k = 0; k < tasks; k++) {
    const [weight, mark, words] = cells[k].children;
    const effect = effectOf(answer.draws.map(({ helps }) => helps[k]));
    say(weight, answer.weights ? numberText(answer.weights[k]) : "");
    say(mark, `${effect.share} ${effect.mark}`.trim());
    set(mark, { "data-effect": answer.helps[k] });
    say(words, effect.words);
  }
  const length = answer.lost ? "not found" : answer.still ? "0, stands still" : numberText(answer.length);
  say(cells[tasks], length);
  say(cells[tasks + 1], answer.still ? "–" : angleText(answer.angle));
  say(cells[tasks + 2], rule.backwards === "K" ? String(tasks) : rule.backwards);
}
