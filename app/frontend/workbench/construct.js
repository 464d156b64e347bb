// @ts-check
// A rule's construction at these gradients: what a kernel of its own draws and says, step by step. It names no rule.

import { zeros } from "../engine/memory.js";
import { sharesOf } from "./ask.js";
import { numberText, vectorText } from "./words.js";

/** @typedef {{ first: number, last: number, kind: number, tint: number, points: number[][] }} Mark  steps count from 1 */
/** @typedef {{ steps: { title: string, text: string }[], marks: Mark[] }} Construction */

/** As mtlcore/constructions/_drawing.py numbers them. */
export const [ARROW, GUIDE, POINT, POLYGON, DISC, LINE, ELLIPSE] = [0, 1, 2, 3, 4, 5, 6];
export const UPDATE = -1;
const HEAD = 5;
const CLOSE = 1e-6; // of the update's length: further off is somewhere else
const PLACE = /\{(\d+)([a-z]?)\}/g;
const SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉";

/**
 * Null where the rule has none, or where its construction does not end at the rule's own update: in a limit that it was
 * not made for.
 * @param {import("./ask.js").Engine} engine
 * @param {import("./ask.js").Rule} rule
 * @param {import("./ask.js").Given} given
 * @param {import("./ask.js").Answer} answer
 * @param {number[]} room  rows of marks, rows of told, and how long they are
 * @returns {Construction | null}
 */
export function constructionOf(engine, rule, given, answer, [marks, steps, width]) {
  if (!rule.construction) return null;
  const tasks = given.gradients.length;
  const uneven = rule.follows ? sharesOf(engine, given.preferences) : [];
  const values = {
    construction: engine.addressOf(rule.construction.kernel),
    noise_kind: rule.noise,
    seed: 0,
    gradients: { numbers: Float64Array.from(given.gradients.flat()), shape: [tasks, 2] },
    shares: uneven.length ? Float64Array.from(uneven) : new Float64Array(tasks).fill(1 / tasks),
    hp: Float64Array.from([...rule.hp, ...uneven]),
    marks: zeros(marks, width),
    told: zeros(steps, width),
  };
  const found = engine.call("construct_once", values, ["marks", "told"]);
  const drawn = marksIn(found.marks, width);
  if (!endsAt(drawn, found.result, answer.update)) return null;
  const words = rule.construction.steps;
  return {
    marks: drawn,
    steps: Array.from({ length: found.result }, (_, i) => {
      const [kind, ...numbers] = found.told.subarray(i * width, (i + 1) * width);
      const { title, text } = words[String(kind)];
      return { title: filled(title, numbers, tasks), text: filled(text, numbers, tasks) };
    }),
  };
}

/** @param {Float64Array} rows @param {number} width @returns {Mark[]} */
function marksIn(rows, width) {
  const found = [];
  for (let at = 0; at < rows.length && rows[at]; at += width) {
    const [first, last, kind, tint, count] = rows.subarray(at, at + HEAD);
    const points = Array.from({ length: count }, (_, i) => [rows[at + HEAD + 2 * i], rows[at + HEAD + 1 + 2 * i]]);
    found.push({ first, last, kind, tint, points });
  }
  return found;
}

/** @param {Mark[]} marks @param {number} step @param {number[]} update */
function endsAt(marks, step, update) {
  const last = marks.findLast((mark) => mark.first === step && mark.kind === ARROW && mark.tint === UPDATE);
  if (!last) return false;
  const [, [x, y]] = last.points;
  return Math.hypot(x - update[0], y - update[1]) <= CLOSE * (1 + Math.hypot(...update));
}

/**
 * A step's words with its numbers in their places.
 * @param {string} text
 * @param {number[]} numbers
 * @param {number} tasks
 */
export function filled(text, numbers, tasks) {
  return text.replace(PLACE, (_, place, form) => {
    const at = Number(place);
    if (form === "v") return vectorText(numbers.slice(at, at + 2));
    if (form === "w") return numbers.slice(at, at + tasks).map((x) => numberText(x, 2)).join(", ");
    if (form === "t") return String(numbers[at] + 1);
    if (form === "g") return `g${SUBSCRIPTS[numbers[at] + 1]}`;
    return form === "i" ? String(numbers[at]) : numberText(numbers[at], 2);
  });
}
