// @ts-check
// What a rule answers to the gradients on the workbench. It names no rule and holds no formula: the kernel computes.

import { zeros } from "../engine/memory.js";

/** @typedef {import("../engine/memory.js").Engine} Engine */
/**
 * What Python tells of a rule (app/workbench/told.py).
 * @typedef {{ title: string, kernel: string, elementwise: boolean, noise: number, state: number[], hp: number[],
 *   losses: boolean, follows: boolean, backwards: string, notes: string[],
 *   construction: { kernel: string, steps: Record<string, { title: string, text: string }> } | null }} Rule
 */
/** @typedef {{ gradients: number[][], losses: number[], preferences: number[] }} Given */
/**
 * Of the first draw; `draws` has all of them.
 * @typedef {{ weights: number[] | null, update: number[], helps: number[], length: number, angle: number, still: boolean,
 *   lost: boolean, draws: { update: number[], helps: number[] }[] }} Answer
 */

export const DRAWS = 64; // of a rule that draws at random
const [STATIONARY, NOT_CONVERGED] = [1, 2];

/** The preferences as kernels take them: numbers that sum to 1, or none where all are alike. @param {Engine} engine @param {number[]} given */
export function sharesOf(engine, given) {
  if (new Set(given).size < 2) return [];
  const values = { given: Float64Array.from(given), total: 1, out: new Float64Array(given.length) };
  return [...engine.call("normalise", values, ["out"]).out];
}

/**
 * The arguments of the kernel that asks a rule.
 * @param {Engine} engine
 * @param {Rule} rule
 * @param {Given} given
 * @returns {import("../engine/memory.js").Values}
 */
export function argumentsOf(engine, rule, { gradients, losses, preferences }) {
  const [tasks, at, draws] = [gradients.length, engine.addressOf(rule.kernel), rule.noise ? DRAWS : 1];
  const [common, blocks, matrices] = rule.state;
  return {
    rule: rule.elementwise ? 0 : at,
    element: rule.elementwise ? at : 0,
    noise_kind: rule.noise,
    state_size: common + blocks * tasks + matrices * tasks * tasks,
    seed: 0,
    gradients: { numbers: Float64Array.from(gradients.flat()), shape: [tasks, 1, 2] },
    losses: Float64Array.from(rule.losses ? losses : []),
    hp: Float64Array.from([...rule.hp, ...(rule.follows ? sharesOf(engine, preferences) : [])]),
    weights: zeros(draws, tasks),
    updates: zeros(draws, 1, 2),
    readings: zeros(draws, tasks + 3),
    statuses: new BigInt64Array(draws),
  };
}

/** @param {Engine} engine @param {Rule} rule @param {Given} given @returns {Answer} */
export function answerOf(engine, rule, given) {
  const asked = argumentsOf(engine, rule, given);
  const found = engine.call("balance_once", asked, ["weights", "updates", "readings", "statuses"]);
  const tasks = given.gradients.length;
  const draws = Array.from({ length: found.statuses.length }, (_, n) => ({
    update: [...found.updates.subarray(2 * n, 2 * n + 2)],
    helps: [...found.readings.subarray(n * (tasks + 3), n * (tasks + 3) + tasks)],
  }));
  const one = draws.every(({ update: [x, y] }) => x === draws[0].update[0] && y === draws[0].update[1]);
  const [length, along, across] = found.readings.subarray(tasks, tasks + 3);
  const status = Number(found.statuses[0]);
  return {
    weights: rule.elementwise ? null : [...found.weights.subarray(0, tasks)],
    ...draws[0],
    length,
    angle: (180 / Math.PI) * Math.atan2(across, along),
    still: status === STATIONARY,
    lost: status === NOT_CONVERGED,
    draws: one ? draws.slice(0, 1) : draws, // whatever is drawn may not matter, as with two tasks
  };
}
