// The stages of a page by their slots, for what else shows the same runs.

/** @typedef {import("./stage.js").Stage} Stage */

/** @type {Map<string, Stage>} */
const stages = new Map();

/**
 * @param {string} slot
 * @param {Stage} stage
 */
export function show(slot, stage) {
  stages.set(slot, stage);
}

/**
 * @param {string | undefined} slot
 * @param {Stage} stage is forgotten, where it is still the slot's
 */
export function hide(slot, stage) {
  if (slot !== undefined && stages.get(slot) === stage) stages.delete(slot);
}

/**
 * Returns the stage of a slot, undefined where there is none.
 * @param {string} slot
 */
export function stageOf(slot) {
  return stages.get(slot);
}
