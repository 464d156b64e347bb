// What stands around the canvas: headings, legend, the choice of a pair, the names for a screen reader.

import { fillLegend, fillPairs } from "./legend.js";
import { part } from "./parts.js";
import { describe, fillHeads, roomFor } from "./sentences.js";

/** @typedef {import("./scene.js").Scene} Scene */

/** @type {WeakMap<Element, string>} what each part was made of: a hand moves many scenes a second past the same words */
const made = new WeakMap();

/**
 * Writes a scene's words onto the stage, those that are others than before.
 * @param {HTMLElement} root
 * @param {Scene} scene
 * @param {import("./theme.js").Theme} theme
 * @param {(pair: number) => void} choose is called with the pair of dimensions that a person chooses
 * @returns {boolean} whether headings were written, which may be higher or lower than those before
 */
export function dress(root, scene, theme, choose) {
  const { tasks, labels, front, star, guide, draggable, starts, d, pair } = scene;
  const heads = scene.runs.map((run) => [run.title, roomFor(run, scene)]);
  const marks = [tasks, labels, !front, !star, guide, draggable, starts, theme];
  const written = anew(part(root, ".heads"), heads, (element) => fillHeads(element, scene));
  anew(part(root, ".legend"), marks, (element) => fillLegend(element, scene, theme));
  anew(part(root, ".pairs"), [d, pair], (element) => fillPairs(element, scene, choose));
  anew(part(root, "canvas"), describe(scene), (element, name) => element.setAttribute("aria-label", name));
  root.dataset.frames = String(scene.frames);
  return written;
}

/**
 * Makes a part of the stage where what it is made of has changed; returns whether it has.
 * @template T
 * @param {HTMLElement} element
 * @param {T} of
 * @param {(element: HTMLElement, of: T) => void} make
 */
function anew(element, of, make) {
  const text = JSON.stringify(of);
  if (made.get(element) === text) return false;
  made.set(element, text);
  make(element, of);
  return true;
}
