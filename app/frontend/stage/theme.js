// Colours and type from Streamlit's CSS variables and the project's palette.

import { PALETTES } from "../palettes.js";
import { brush } from "./marks.js";

/** @typedef {typeof PALETTES.light & {dark: boolean, font: string}} Theme */

/**
 * @param {HTMLElement} root
 * @param {boolean | null | undefined} forced dark or light, whatever the page is
 * @returns {Theme}
 */
export function readTheme(root, forced) {
  const style = getComputedStyle(root);
  const page = channels(style.getPropertyValue("--st-background-color").trim() || "#ffffff");
  const dark = forced ?? 0.2126 * page[0] + 0.7152 * page[1] + 0.0722 * page[2] < 102;
  const colours = { ...PALETTES[dark ? "dark" : "light"] };
  const ink = channels(colours.ink);
  colours.background = mixed(page, ink, 0);
  colours.surface = mixed(page, ink, dark ? 0.055 : 0.03);
  colours.grid = mixed(page, ink, 0.22);
  root.dataset.theme = dark ? "dark" : "light";
  root.style.setProperty("--stage-ink", colours.ink);
  root.style.setProperty("--stage-muted", colours.muted);
  root.style.setProperty("--stage-grid", colours.grid);
  root.style.setProperty("--stage-focus", colours.task_text[0]);
  return { ...colours, dark, font: style.getPropertyValue("--st-font").trim() || "sans-serif" };
}

/** @type {Map<string, number[]>} */
const painted = new Map();

/**
 * Returns any CSS colour as [red, green, blue], 0 to 255, painted to find out, once each.
 * @param {string} colour
 * @returns {number[]}
 */
function channels(colour) {
  const known = painted.get(colour);
  if (known) return known;
  const context = brush(document.createElement("canvas"), { willReadFrequently: true });
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const found = [...context.getImageData(0, 0, 1, 1).data.subarray(0, 3)];
  painted.set(colour, found);
  return found;
}

/**
 * @param {number[]} from
 * @param {number[]} to
 * @param {number} share
 */
function mixed(from, to, share) {
  return `rgb(${from.map((value, i) => Math.round(value + (to[i] - value) * share)).join(", ")})`;
}
