// @ts-check
// From the series of all paths to what the stage draws, in the shape in which a payload of the server is decoded.
// Columns are cut out and counted here; every number was made by a kernel.

import { matrix, zeros } from "./memory.js";
import { landmarks, levelsOf } from "./scenery.js";

/** @typedef {import("./memory.js").Engine} Engine */
/** @typedef {import("./plan.js").Recipe} Recipe */
/** @typedef {import("./plan.js").Facts} Facts */
/** @typedef {ReturnType<typeof import("./plan.js").plansOf>} Plans */
/**
 * @typedef {{ series: Float64Array, cloud: Float64Array, info: number[], start: Float64Array, reached: number }} Result
 * of one path: series [F, C], the batch's points [Fc, 2 N], info (see INFO), its start [d], how far it gets
 */
/** @typedef {{ frames: number, cloudFrames: number, width: number, begins: number[], pair: number }} Sizes */

export const [OUTCOME, TAKEN, WRITTEN, SOLVED_AT, TURNS, RECORDED] = [0, 1, 2, 3, 4, 5];
const INFO = 6;
const [STEP, Z, EXCESS, GRADIENTS, UPDATE, CURVES, VIEW, FLAGS, LOSSES, LAG, WIDTH] = Array(11).keys();
const MOST_FRAMES = 400;
const DIVERGED = 1;

/**
 * How large the arrays of each path are.
 * @param {Engine} engine
 * @param {Facts} facts
 * @param {Plans} plans
 * @param {number} pair  the drawn pair of dimensions, from 0
 * @returns {Sizes}
 */
export function sizesOf(engine, facts, plans, pair) {
  const tasks = facts.tasks.length;
  const { steps, record_every: every } = plans.shared;
  const begins = [...engine.call("columns", { tasks, out: new BigInt64Array(WIDTH + 1) }, ["out"]).out].map(Number);
  const frames = engine.call("frame_count", { steps, every, most: MOST_FRAMES }).result;
  const cloudFrames = facts.batch > 1 ? engine.call("cloud_frames", { frames, starts: plans.starts, points: facts.batch }).result : 0;
  return { frames, cloudFrames, width: begins[WIDTH], begins, pair: Math.min(pair, plans.shared.dim / 2 - 1) };
}

/**
 * What the entry `run_path` takes for one path.
 * @param {import("./memory.js").Values} plan
 * @param {Sizes} sizes
 * @param {Facts} facts
 * @param {number} dim
 */
export function pathArguments(plan, sizes, facts, dim) {
  return {
    ...plan,
    pair: sizes.pair,
    optima: matrix(facts.optima.map((point) => point.slice(0, dim)), dim),
    series: zeros(sizes.frames, sizes.width),
    cloud: zeros(sizes.cloudFrames, sizes.cloudFrames ? 2 * facts.batch : 0),
    info: new BigInt64Array(INFO),
    start: new Float64Array(dim),
  };
}

/** Runs one path. @param {Engine} engine @param {import("./memory.js").Values} given @returns {Result} */
export function runPath(engine, given) {
  const { series, cloud, info, start, result } = engine.call("run_path", given, ["series", "cloud", "info", "start"]);
  return { series, cloud, info: [...info].map(Number), start, reached: result };
}

/**
 * The picture of all paths: the header and the rows that makeScene reads.
 * @param {Engine} engine
 * @param {Recipe} recipe
 * @param {Facts} facts
 * @param {Plans} plans
 * @param {Sizes} sizes
 * @param {Result[][]} results  of every method's paths
 * @param {(method: number) => any} told  a method's words (see told.js)
 */
export function pictureOf(engine, recipe, facts, plans, sizes, results, told) {
  const all = results.flat();
  const moving = all.some((path) => path.info[TURNS]);
  const marks = landmarks(engine, facts, plans, moving);
  const { series, shared } = composed(engine, facts, plans, sizes, all, marks.front?.losses ?? []);
  const first = 2 * sizes.pair;
  const digest = digestOf(all);
  const rows = all.map((_, path) => rowsOf(series, path, sizes));
  let at = 0;
  const runs = recipe.methods.map((method, i) => {
    const paths = rows.slice(at, at + plans.starts);
    at += plans.starts;
    return { title: method.title, told: told(i), ...runOf(paths, results[i], sizes, facts) };
  });
  const scales = [...plans.shared.scales];
  return {
    digest,
    read: (/** @type {any} */ entry) => entry,
    header: {
      version: 1,
      dark: recipe.dark,
      problem: facts.problem,
      title: facts.title,
      tasks: facts.tasks,
      d: plans.shared.dim,
      pair: [first, first + 1],
      panels: panelsOf(facts, moving),
      view: [...shared.slice(0, 3)],
      optima: facts.optima.map((point) => [point[first], point[first + 1]]),
      minima: facts.tasks.map((_, k) => lowest(rows[0], k)),
      levels: levelsOf(engine, facts, plans, sizes, shared, moving),
      front: moving ? null : marks.front && { theta: marks.front.theta, objective: marks.front.rows },
      star: moving ? null : marks.star,
      objective: facts.backbone ? null : [...shared.slice(4, 8)],
      guide: facts.backbone && facts.batch === 1 ? guideOf(facts, scales) : null,
      labels: facts.labels,
      draggable: facts.batch === 1,
      runs,
    },
  };
}

/** @param {Facts} facts @param {boolean} moving */
function panelsOf(facts, moving) {
  const tasks = facts.tasks.map((_, k) => `r${k}`);
  return facts.backbone ? ["z", ...tasks] : ["z", ...(moving ? tasks : []), "objective"];
}

/** The excess losses that success asks for: one for all tasks, or one each. @param {Facts} facts @param {number[]} scales */
function guideOf(facts, scales) {
  const limits = scales.map((scale) => facts.solved * scale);
  return new Set(limits).size > 1 ? limits : limits.slice(0, 1);
}

/**
 * @param {Engine} engine
 * @param {Facts} facts
 * @param {Plans} plans
 * @param {Sizes} sizes
 * @param {Result[]} all
 * @param {number[][]} front  losses of points of the front
 */
function composed(engine, facts, plans, sizes, all, front) {
  const size = sizes.frames * sizes.width;
  const numbers = new Float64Array(all.length * size);
  all.forEach((path, i) => numbers.set(path.series, i * size));
  const counts = all.map((path) => BigInt(path.info[OUTCOME] === DIVERGED ? 1 : sizes.frames));
  const given = {
    series: { numbers, shape: [all.length, sizes.frames, sizes.width] },
    counts: BigInt64Array.from(counts),
    tasks: facts.tasks.length,
    bounds: plans.shared.bounds,
    reached: Math.max(...all.map((path) => path.reached)),
    front: matrix(front, 2),
    out: new Float64Array(8),
  };
  const { series, out } = engine.call("compose", given, ["series", "out"]);
  return { series, shared: out };
}

/** One path's columns as rows [C] of F numbers. @param {Float64Array} series @param {number} path @param {Sizes} sizes */
function rowsOf(series, path, { frames, width, begins }) {
  const rows = Array.from({ length: width }, () => new Float32Array(frames));
  for (let frame = 0, at = path * frames * width; frame < frames; frame++)
    for (let column = 0; column < width; column++, at++) rows[column][frame] = series[at];
  const group = (/** @type {number} */ of) => rows.slice(begins[of], begins[of + 1]);
  return {
    steps: group(STEP)[0], z: group(Z), excess: group(EXCESS), gradients: group(GRADIENTS), update: group(UPDATE),
    curves: group(CURVES), view: group(VIEW), flags: group(FLAGS), losses: group(LOSSES), lag: group(LAG),
  }; // prettier-ignore
}

/** @typedef {ReturnType<typeof rowsOf>} Rows */

/** Task k's lowest loss, from the first frame. @param {Rows} rows @param {number} k */
function lowest(rows, k) {
  return k < 2 ? rows.losses[k][0] - 10 ** rows.excess[k][0] : 0;
}

/**
 * @param {Rows[]} paths
 * @param {Result[]} results
 * @param {Sizes} sizes
 * @param {Facts} facts
 */
function runOf(paths, results, sizes, facts) {
  const steps = [...paths[0].steps];
  const turning = results.some((result) => result.info[TURNS]);
  const each = (/** @type {(rows: Rows) => Float32Array[]} */ group) => paths.flatMap(group);
  return {
    starts: paths.length,
    frames: sizes.frames,
    steps: steps.map((step, i) => (i ? step - steps[i - 1] : step)),
    outcome: results.map(({ info }) => [info[OUTCOME], info[TAKEN]]),
    solved: results.map(({ info }) => info[SOLVED_AT]),
    vanished: paths.map((rows) => flips(rows.flags[0])),
    capped: paths.map((rows) => flips(rows.flags[1])),
    z: each((rows) => rows.z),
    excess: each((rows) => rows.excess),
    gradients: each((rows) => rows.gradients),
    update: each((rows) => rows.update),
    curves: each((rows) => rows.curves),
    view: turning ? each((rows) => rows.view) : null,
    lag: turning && facts.optima.length === facts.tasks.length && facts.batch === 1 ? each((rows) => rows.lag) : null,
    cloud: facts.batch > 1 ? cloudOf(results, sizes, facts) : null,
  };
}

/** The frames at which a state changes, beginning with 0. @param {Float32Array} states */
function flips(states) {
  /** @type {number[]} */ const found = [];
  states.forEach((state, i) => state !== (i ? states[i - 1] : 0) && found.push(i));
  return found;
}

/** @param {Result[]} results @param {Sizes} sizes @param {Facts} facts */
function cloudOf(results, { frames, cloudFrames: few }, facts) {
  const every = Array.from({ length: few }, (_, at) => frameOf(at, few, frames));
  const points = results.flatMap(({ cloud }) =>
    Array.from({ length: 2 * facts.batch }, (_, row) => Float32Array.from(every, (_, at) => cloud[at * 2 * facts.batch + row])),
  );
  return { every, points };
}

/**
 * Which of `frames` evenly spread ones the at-th of `few` is: whole numbers, as the kernels count.
 * @param {number} at
 * @param {number} few
 * @param {number} frames
 */
export function frameOf(at, few, frames) {
  return frames <= few ? at : Math.floor((2 * at * (frames - 1) + few - 1) / (2 * (few - 1)));
}

/** A name of what was computed: of other bits another one (FNV-1a over 32-bit words). @param {Result[]} results */
export function digestOf(results) {
  let hash = 0x811c9dc5;
  for (const { series } of results)
    for (const word of new Uint32Array(series.buffer, series.byteOffset, series.length * 2))
      hash = Math.imul(hash ^ word, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}
