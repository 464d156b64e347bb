// The component: one race in an element of the page.

import { Standing } from "../standing.js";
import css from "./race.css";
import html from "./race.html";
import { part } from "../stage/parts.js";
import { Race } from "./race.js";

const races = new Standing((parent) => {
  parent.append(document.createRange().createContextualFragment(`<style>${css}</style>${html}`));
  return new Race(part(parent, ".race"));
});

/**
 * Draws a race in the component's element, once, of the stage that Python names.
 *
 * @param {import("../component.js").Component} component
 * @returns {() => void} takes the race away
 */
export function mountRace({ data, parentElement }) {
  const race = races.in(parentElement);
  race.slot = data.slot;
  race.refresh();
  return races.leaving(parentElement);
}
