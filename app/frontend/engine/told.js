// @ts-check
// What is said of runs that the page has computed itself: Python's templates with the runs' numbers in their gaps.

import { grouped } from "../stage/numbers.js";
import { OUTCOME, SOLVED_AT, TAKEN } from "./picture.js";

/**
 * @typedef {{ way: string, solved: string, stopped: Record<string, string>, there: string[] }} Words
 * see app/live_words.py
 */
/** @typedef {{ texts: string[], passages: [number, number][] }} Told  texts, and which of them holds from which step on */

/**
 * Returns what holds from which step on.
 * @param {Words} words
 * @param {{ info: number[] }[]} results  of a method's paths
 * @returns {Told}
 */
export function toldOf(words, results) {
  const passages = results.length === 1 ? ofOne(words, results[0].info) : ofMany(words, results);
  return { texts: passages.map(([, text]) => text), passages: passages.map(([step], i) => [step, i]) };
}

/** @param {Words} words @param {number[]} info @returns {[number, string][]} */
function ofOne(words, info) {
  /** @type {[number, string][]} */ const passages = [[0, words.way]];
  const said = (/** @type {string} */ text, /** @type {number} */ step) => text.replace("{step}", grouped(step));
  if (info[SOLVED_AT] >= 0) passages.push([info[SOLVED_AT], said(words.solved, info[SOLVED_AT])]);
  if (info[OUTCOME]) passages.push([info[TAKEN], said(words.stopped[info[OUTCOME]], info[TAKEN])]);
  return passages;
}

/** @param {Words} words @param {{ info: number[] }[]} results @returns {[number, string][]} */
function ofMany(words, results) {
  const steps = results.map(({ info }) => info[SOLVED_AT]).filter((step) => step >= 0);
  steps.sort((a, b) => a - b);
  /** @type {[number, string][]} */ const passages = [[0, words.there[0]]];
  steps.forEach((step, i) => passages.push([step, words.there[i + 1]]));
  return passages;
}
