// @ts-check
// From a recipe and what a hand has changed to the plan of each path: looking up, counting and putting in order.

import { matrix } from "./memory.js";

/** @typedef {import("./memory.js").Engine} Engine */
/** @typedef {import("./memory.js").Values} Values */
/** @typedef {Record<string, any>} Chosen  by the view's field keys; what is not in it has its default */
/** @typedef {number | { at: string } | { field: string, own: number[] }} Part */
/**
 * @typedef {{ key: string, title: string, rule: string, elementwise: boolean, level: number, noise: number,
 *   state: number[], hp: Part[], follows: boolean, alias: string | null, transform: string | null, transform_hp: Part[],
 *   told: any, words: any }} Method
 */
/**
 * @typedef {{ facts: string, records: number, dark: boolean | null, chosen: Chosen, pair: number, defaults: Chosen,
 *   choices: Record<string, string[]>, fits: { d: Record<string, Chosen> }, methods: Method[] }} Recipe
 */
/**
 * @typedef {{ problem: string, title: string, tasks: string[], dims: number[], kernels: Record<string, string | null>,
 *   backbone: boolean, sees_views: boolean, bounds: number[][], points: number[][] | null, labels: number[] | null,
 *   angles: number[], starts: Record<string, number[][]>, optima: number[][], front: number[][] | null,
 *   weighted_optimum: boolean, solved: number, batch: number }} Facts
 */

const ALIKE = 1; // the number of different values among shares that are all the same

/** The names of all kernels that a recipe's runs call. @param {Recipe} recipe @param {Facts} facts */
export function kernelNames(recipe, facts) {
  const names = Object.values(facts.kernels).filter((name) => name !== null);
  for (const method of recipe.methods) {
    names.push(method.rule);
    for (const part of method.hp) if (typeof part === "object" && "at" in part) names.push(part.at);
    if (method.transform) for (const part of ["learn", "extent", "begin"]) names.push(`${method.transform}:${part}`);
  }
  return names;
}

/**
 * What is chosen with live values laid over it, as the view itself would have it: a value that is the default is no
 * choice, and what no longer fits another dimension gives way.
 * @param {Recipe} recipe
 * @param {Chosen} live
 */
export function chosenWith(recipe, live) {
  const chosen = { ...recipe.chosen };
  const giveWay = live.d === undefined ? {} : recipe.fits.d[String(live.d)] ?? {};
  for (const [key, value] of Object.entries({ ...giveWay, ...live })) {
    if (value === null || same(value, recipe.defaults[key])) delete chosen[key];
    else chosen[key] = value;
  }
  return chosen;
}

/** @param {any} a @param {any} b */
function same(a, b) {
  return a === b || (typeof a === "object" && JSON.stringify(a) === JSON.stringify(b));
}

/**
 * The plans of all paths, method by method, and what they share.
 * @param {Engine} engine
 * @param {Recipe} recipe
 * @param {Facts} facts
 * @param {Chosen} live
 */
export function plansOf(engine, recipe, facts, live = {}) {
  const chosen = chosenWith(recipe, live);
  /** @param {string} key */
  const value = (key) => (key in chosen ? chosen[key] : recipe.defaults[key]);
  const starts = startsOf(value("starts"), facts);
  const tasks = facts.tasks.length;
  const shared = {
    ...settings(recipe, value),
    scales: scalesOf(engine, value, tasks),
    backbone: facts.backbone,
    sees_views: facts.sees_views,
    bounds: matrix(facts.bounds, 2),
    points: matrix(facts.points ?? [], 2),
    angles: Float64Array.from(facts.angles),
  };
  const methods = recipe.methods.map((method) => {
    const own = { ...shared, ...ofMethod(engine, recipe, facts, method, chosen, tasks) };
    return starts.map((start, path) => labelled({ ...own, path, start: Float64Array.from(start) }));
  });
  const given = value("preferences");
  const preferences = isAlike(given) ? new Float64Array(tasks).fill(1 / tasks) : normalised(engine, given, 1);
  return { chosen, value, methods, starts: starts.length, shared, preferences };
}

/**
 * @param {Recipe} recipe
 * @param {(key: string) => any} value
 */
function settings(recipe, value) {
  const steps = value("steps");
  return {
    steps,
    record_every: value("record_every") || Math.max(1, Math.floor(steps / recipe.records)),
    adam: value("optimizer") === "adam",
    dim: value("d"),
    seed: value("seed"),
    lr: value("lr"),
    noise: value("noise"),
  };
}

/** Where the paths begin: [] where the seed draws it. @param {string | number[][]} starts @param {Facts} facts */
function startsOf(starts, facts) {
  return typeof starts === "string" ? facts.starts[starts] : starts;
}

/**
 * @param {Engine} engine
 * @param {(key: string) => any} value
 * @param {number} tasks
 */
function scalesOf(engine, value, tasks) {
  const even = value("s");
  if (even !== undefined) return engine.call("even_scales", { s: even, out: new Float64Array(2) }, ["out"]).out;
  const given = value("balance");
  return isAlike(given) ? new Float64Array(tasks).fill(1) : normalised(engine, given, tasks);
}

/** @param {Engine} engine @param {number[]} given @param {number} total */
function normalised(engine, given, total) {
  const values = { given: Float64Array.from(given), total, out: new Float64Array(given.length) };
  return engine.call("normalise", values, ["out"]).out;
}

/** @param {number[]} numbers */
function isAlike(numbers) {
  return new Set(numbers).size <= ALIKE;
}

/**
 * @param {Engine} engine
 * @param {Recipe} recipe
 * @param {Facts} facts
 * @param {Method} method
 * @param {Chosen} chosen
 * @param {number} tasks
 */
function ofMethod(engine, recipe, facts, method, chosen, tasks) {
  const replaced = method.alias !== null && method.alias in chosen;
  const given = !replaced && chosen.preferences && !isAlike(chosen.preferences) ? chosen.preferences : null;
  const shares = given ? normalised(engine, given, 1) : new Float64Array(tasks).fill(1 / tasks);
  const hp = numbersOf(engine, recipe, method.hp, chosen);
  const part = (/** @type {string} */ name) => engine.addressOf(method.transform && `${method.transform}:${name}`);
  const rule = engine.addressOf(method.rule);
  return {
    kernels: {
      ...Object.fromEntries(Object.entries(facts.kernels).map(([name, kernel]) => [name, engine.addressOf(kernel)])),
      rule: method.elementwise ? 0 : rule,
      element: method.elementwise ? rule : 0,
      learn: part("learn"),
      extent: part("extent"),
      begin: part("begin"),
    },
    level: method.level,
    noise_kind: method.noise,
    state_common: method.state[0],
    state_blocks: method.state[1],
    state_matrices: method.state[2],
    shares,
    rule_hp: Float64Array.from(given && method.follows ? [...hp, ...shares] : hp),
    transform_hp: Float64Array.from(numbersOf(engine, recipe, method.transform_hp, chosen)),
  };
}

/**
 * A kernel's parameters: numbers as they are, addresses, and what is chosen, as `Param.encode` writes it.
 * @param {Engine} engine
 * @param {Recipe} recipe
 * @param {Part[]} parts
 * @param {Chosen} chosen
 * @returns {number[]}
 */
function numbersOf(engine, recipe, parts, chosen) {
  return parts.flatMap((part) => {
    if (typeof part === "number") return [part];
    if ("at" in part) return [engine.addressOf(part.at)];
    if (!(part.field in chosen)) return part.own;
    const value = chosen[part.field];
    if (typeof value === "string") return [recipe.choices[part.field].indexOf(value)];
    return Array.isArray(value) ? value : [Number(value)];
  });
}

/** A plan's values by the labels of an entry that takes it as `plan`. @param {Record<string, any>} plan */
function labelled({ kernels, ...plan }) {
  /** @type {Values} */ const values = {};
  for (const [name, address] of Object.entries(kernels)) values[`plan.kernels.${name}`] = address;
  for (const [name, value] of Object.entries(plan)) values[`plan.${name}`] = value;
  return values;
}
