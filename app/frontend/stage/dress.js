// What stands around the canvas: headings, legend, the choice of a pair, the names for a screen reader.

import { fillLegend, fillPairs } from "./legend.js";
import { part } from "./parts.js";
import { describe, fillHeads } from "./sentences.js";

/**
 * Writes a scene's words onto the stage.
 * @param {HTMLElement} root
 * @param {import("./scene.js").Scene} scene
 * @param {import("./theme.js").Theme} theme
 * @param {(pair: number) => void} choose is called with the pair of dimensions that a person chooses
 */
export function dress(root, scene, theme, choose) {
  fillHeads(part(root, ".heads"), scene);
  fillLegend(part(root, ".legend"), scene, theme);
  fillPairs(part(root, ".pairs"), scene, choose);
  part(root, "canvas").setAttribute("aria-label", describe(scene));
  root.dataset.frames = String(scene.frames);
}
