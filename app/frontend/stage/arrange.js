// The layout for a stage as it stands on the page, and the sizes that follow from it.

import { makeLayout, planFor } from "./layout.js";

const LINE = 26; // a heading of one line

/**
 * The room for a scene: `zoom` is how many CSS pixels a unit of the layout is, `width` and `screen` are units.
 * @typedef {{width: number, screen: number, zoom: number, measures: import("./measures.js").Measures}} Room
 */

/**
 * Headings are as high as their words need in a column, and columns are chosen by what that leaves for the panels.
 * @param {HTMLElement} root
 * @param {Room} room
 * @param {Pick<import("./scene.js").Scene, "panels" | "runs">} scene
 * @returns {import("./layout.js").Layout}
 */
export function arrange(root, { width, screen, zoom, measures }, scene) {
  const heads = /** @type {HTMLElement[]} */ ([...root.querySelectorAll(".head")]);
  const planned = (/** @type {number} */ head) => {
    const plan = planFor(width, scene.panels.length, heads.length, screen, head, measures);
    for (const one of heads) style(one, "width", plan.cell * zoom);
    return { plan, heights: heads.map((one) => one.offsetHeight / zoom) };
  };
  const { plan, heights } = planned(Math.max(...planned(LINE).heights));
  const layout = makeLayout(plan, scene.panels, heights, measures);
  for (const [i, run] of scene.runs.entries()) {
    const { charts } = layout.rows[i];
    layout.rows[i].charts = charts.filter((chart) => chart.kind !== "lag" || run.paths[0].lag); // its views stand still
  }
  heads.forEach((one, i) => {
    style(one, "left", layout.rows[i].head.x * zoom);
    style(one, "top", layout.rows[i].head.y * zoom);
  });
  return layout;
}

/**
 * What is set anew is laid out anew, even where it is the same.
 * @param {HTMLElement} element
 * @param {"width" | "left" | "top"} name
 * @param {number} pixels
 */
function style(element, name, pixels) {
  const value = `${pixels}px`;
  if (element.style[name] !== value) element.style[name] = value;
}

/**
 * Even the same size makes a new, blank canvas.
 * @param {HTMLCanvasElement[]} canvases
 * @param {number} wide
 * @param {number} high
 */
export function resize(canvases, wide, high) {
  for (const canvas of canvases) {
    if (canvas.width !== Math.round(wide)) canvas.width = Math.round(wide);
    if (canvas.height !== Math.round(high)) canvas.height = Math.round(high);
  }
}
