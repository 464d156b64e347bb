// What is said of the runs: each method's heading, the sentence that holds at the step shown, the words for a screen
// reader. The sentences come with the runs; only the excess losses at the step are put into them here.

import { number } from "./numbers.js";
import { panelTitle } from "./panels.js";
import { VANISHED } from "./readings.js";

/** @typedef {import("./scene.js").Scene} Scene */

/** @typedef {Pick<import("./scene.js").Run, "told" | "steps" | "paths">} Run */

/** @typedef {Pick<import("./scene.js").Path, "excess">} Path */

const LOSSES = "{losses}";

/**
 * Returns what holds of a run at one of its frames.
 * @param {Run} run
 * @param {number} frame
 * @param {number} active
 */
export function toldAt(run, frame, active) {
  const { texts, passages } = run.told;
  let text = "";
  for (const [step, which] of passages) {
    if (step > run.steps[frame]) break;
    text = texts[which];
  }
  return text.replace(LOSSES, lossesAt(run.paths[active], frame));
}

/**
 * @param {Path} path
 * @param {number} frame
 */
function lossesAt(path, frame) {
  return listed(path.excess.map((row) => number(10 ** row[frame])));
}

/** @param {string[]} words */
function listed(words) {
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/**
 * Returns a text as long as the longest of a run's sentences gets. Their steps have other digits in every run, and
 * digits of one width: nines stand for them all.
 * @param {Run} run
 * @param {{tasks: string[]}} scene
 */
export function roomFor({ told }, { tasks }) {
  const longest = told.texts.reduce((kept, text) => (text.length > kept.length ? text : kept), "");
  return longest.replaceAll(/[0-9]/g, "9").replace(LOSSES, listed(tasks.map(() => "1000")));
}

/**
 * A heading keeps room for the longest of its sentences: none of them moves what stands below.
 * @param {Element} element
 * @param {Scene} scene
 */
export function fillHeads(element, scene) {
  element.replaceChildren(
    ...scene.runs.map((run) => {
      const [head, room, said] = ["div", "p", "p"].map((kind) => document.createElement(kind));
      const title = document.createElement("h3");
      head.className = "head";
      title.textContent = run.title;
      room.textContent = roomFor(run, scene);
      room.className = "room";
      room.ariaHidden = "true";
      said.className = "said";
      const words = document.createElement("div");
      words.className = "words";
      words.append(room, said);
      head.append(title, words);
      return head;
    }),
  );
}

/**
 * @param {Element} element
 * @param {Scene} scene
 * @param {number} frame
 * @param {number} active
 */
export function tellHeads(element, scene, frame, active) {
  element.querySelectorAll(".said").forEach((said, i) => {
    const run = scene.runs[i];
    const text = toldAt(run, run.at[frame], active);
    if (said.textContent !== text) said.textContent = text;
  });
}

/**
 * Returns what a screen reader is told where the stage has stopped.
 * @param {Scene} scene
 * @param {number} frame
 * @param {number} active
 */
export function spoken(scene, frame, active) {
  const told = scene.runs.map((run) => {
    const at = run.at[frame];
    const path = run.paths[active];
    const text = toldAt(run, at, active);
    const losses = text.includes("excess losses") ? "" : ` Here: excess losses ${lossesAt(path, at)}.`;
    return `${run.title}: ${text}${losses}${path.vanished[at] ? ` The ${VANISHED}.` : ""}`;
  });
  const which = scene.starts > 1 ? ` Start ${active + 1} of ${scene.starts}.` : "";
  return `Step ${scene.steps[frame]} of ${scene.steps[scene.frames - 1]}.${which} ${told.join(" ")}`;
}

/**
 * Returns the stage's name for a screen reader.
 * @param {Scene} scene
 */
export function describe(scene) {
  const titles = scene.runs.map((run) => run.title).join(", ");
  const panels = scene.panels.map((kind) => panelTitle(kind, scene)).join(", ");
  const many = scene.runs.some((run) => run.paths.some((path) => path.lag)) ? "five" : "four";
  return `Animation of ${scene.title}: for each of the methods ${titles} it shows ${panels} and ${many} curves.`;
}
