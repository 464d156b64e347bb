// @ts-check
// What stands on the stage whatever the runs do: level curves, the front, the star. Every number was made by a kernel.

import { matrix, zeros } from "./memory.js";

/** @typedef {import("./memory.js").Engine} Engine */
/** @typedef {import("./plan.js").Facts} Facts */
/** @typedef {import("./picture.js").Plans} Plans */
/** @typedef {import("./picture.js").Sizes} Sizes */

const [POINTS, RINGS] = [20_000, 500]; // room for a family of level curves
const [LEVELS, LEVELS_STILL] = [8, 14];
const KEPT = 64;
const NONE = { front: null, star: null };

/** The last things that were computed, by what they depend on: most changes leave them as they are. */
const known = new Map();

/**
 * @template T
 * @param {any[]} of  all that it depends on
 * @param {() => T} make
 * @returns {T}
 */
function once(of, make) {
  const name = JSON.stringify(of);
  if (known.has(name)) return known.get(name);
  if (known.size >= KEPT) known.clear();
  const made = make();
  known.set(name, made);
  return made;
}

/**
 * The front and the star, where nothing turns them away.
 * @param {Engine} engine
 * @param {Facts} facts
 * @param {Plans} plans
 * @param {boolean} moving
 * @returns {ReturnType<typeof found>}
 */
export function landmarks(engine, facts, plans, moving) {
  if (moving || facts.backbone) return NONE;
  return once(["landmarks", facts.problem, ...plans.shared.scales, ...plans.preferences], () => found(engine, facts, plans));
}

/**
 * @param {Engine} engine
 * @param {Facts} facts
 * @param {Plans} plans
 */
function found(engine, facts, plans) {
  const { scales } = plans.shared;
  /** @param {number[][]} points */
  const lossesOf = (points) => {
    const given = { ...addresses(engine, facts), scales, points: matrix(points, 2), out: zeros(points.length, scales.length) };
    const { out } = engine.call("losses_of", given, ["out"]);
    return points.map((_, i) => [...out.slice(i * scales.length, (i + 1) * scales.length)]);
  };
  const losses = facts.front && lossesOf(facts.front);
  const column = (/** @type {number[][]} */ rows, /** @type {number} */ i) => Float32Array.from(rows, (row) => row[i]);
  const front = facts.front && losses && {
    losses: losses.map((row) => row.slice(0, 2)),
    theta: [column(facts.front, 0), column(facts.front, 1)],
    rows: [column(losses, 0), column(losses, 1)],
  };
  return { front, star: starOf(engine, facts, plans, lossesOf) };
}

/** @param {Engine} engine @param {Facts} facts */
function addresses(engine, facts) {
  return { loss: engine.addressOf(facts.kernels.loss), constants: engine.addressOf(facts.kernels.constants) };
}

/**
 * @param {Engine} engine
 * @param {Facts} facts
 * @param {Plans} plans
 * @param {(points: number[][]) => number[][]} lossesOf
 */
function starOf(engine, facts, plans, lossesOf) {
  if (!facts.kernels.weighted_optimum) return null;
  const given = {
    weighted_optimum: engine.addressOf(facts.kernels.weighted_optimum),
    shares: plans.preferences,
    scales: plans.shared.scales,
    out: new Float64Array(2),
  };
  const theta = [...engine.call("lowest_point", given, ["out"]).out];
  return { theta, objective: lossesOf([theta])[0] };
}

/**
 * @param {Engine} engine
 * @param {Facts} facts
 * @param {Plans} plans
 * @param {Sizes} sizes
 * @param {Float64Array} shared
 * @param {boolean} moving
 */
export function levelsOf(engine, facts, plans, sizes, shared, moving) {
  if (facts.labels) return [];
  const each = facts.backbone || moving;
  const chosen = each ? facts.tasks.map((_, k) => k) : [-1];
  return chosen.map((task) => {
    const shares = task < 0 ? plans.preferences : Float64Array.from(facts.tasks, (_, k) => Number(k === task));
    const square = shared.slice(0, 3);
    const of = [task, facts.problem, facts.tasks.length, plans.shared.dim, sizes.pair, ...plans.shared.scales, ...shares, ...square];
    return once(of, () => familyOf(engine, facts, plans, sizes, shares, square, task));
  });
}

/**
 * @param {Engine} engine
 * @param {Facts} facts
 * @param {Plans} plans
 * @param {Sizes} sizes
 * @param {Float64Array} shares
 * @param {Float64Array} square
 * @param {number} task
 */
function familyOf(engine, facts, plans, sizes, shares, square, task) {
  const levels = new Float64Array(facts.backbone ? LEVELS : LEVELS_STILL);
  const dim = plans.shared.dim;
  const given = {
    ...addresses(engine, facts),
    scales: plans.shared.scales,
    shares,
    optima: matrix(facts.optima.map((point) => point.slice(0, dim)), dim),
    pair: sizes.pair,
    square,
    turning: task >= 0,
    rounded: facts.backbone,
    levels,
    points: zeros(2, POINTS),
    lengths: new BigInt64Array(RINGS),
    counts: new BigInt64Array(levels.length),
  };
  const found = engine.call("level_curves", given, ["levels", "points", "lengths", "counts"]);
  const total = Math.min(found.result, POINTS);
  const rows = [0, 1].map((side) => Float32Array.from(found.points.subarray(side * POINTS, side * POINTS + total)));
  let at = 0;
  const rings = [...found.counts].map((count) => {
    const lengths = [...found.lengths.subarray(at, at + Number(count))].map(Number);
    at += Number(count);
    return lengths;
  });
  return { task, values: [...found.levels], rings, points: total ? rows : null };
}
