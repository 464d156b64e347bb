// The values of a run's quantities at a frame, as they are written.

import { number, signed } from "./numbers.js";

/** @typedef {import("./scene.js").Path} Path */

/** @typedef {import("./ranges.js").Quantity} Quantity */

export const VANISHED = "gradients have vanished: every task is at its optimum";
export const CAPPED = "at the largest condition number that can be told from rounding, or beyond it";

/**
 * Returns one of the quantities that are about the gradients, as it is written.
 * @param {Exclude<Quantity, "losses">} quantity
 * @param {Pick<Path, "cosine" | "ratio" | "condition" | "lag" | "vanished" | "capped">} path
 * @param {number} frame
 */
export function valueAt(quantity, path, frame) {
  if (quantity === "lag") return path.lag ? number(path.lag[frame]) : "–";
  if (path.vanished[frame]) return "–";
  if (quantity === "cosine") return signed(path.cosine[frame]);
  const value = 10 ** path[quantity][frame];
  return quantity === "condition" && path.capped[frame] ? `≥ ${value.toExponential(1).replace("+", "")}` : number(value);
}

/**
 * Returns why a chart shows no plain value at a frame, "" where it does.
 * @param {Quantity} quantity
 * @param {Pick<Path, "vanished" | "capped">} path
 * @param {number} frame
 */
export function whyNot(quantity, path, frame) {
  if (quantity === "losses" || quantity === "lag") return "";
  if (path.vanished[frame]) return VANISHED;
  return quantity === "condition" && path.capped[frame] ? CAPPED : "";
}
