// @ts-check
// Leads a stage: from the recipe that Python sends and what a hand changes meanwhile it computes the picture here.
// Short runs are computed within the frame; of longer ones a preview is, and the whole run comes from the workers.

import { frameOf, pathArguments, pictureOf, runPath, sizesOf } from "./picture.js";
import { files } from "./files.js";
import { kernelNames, plansOf } from "./plan.js";
import { Pool } from "./pool.js";
import { toldOf } from "./told.js";

/** @typedef {import("./plan.js").Recipe & { texts: string[], words: any[], passages: [number, number][][] }} Recipe */
/** @typedef {import("./plan.js").Chosen} Chosen */
/** @typedef {import("./picture.js").Result} Result */
/** @typedef {import("./files.js").Files} Files */

const WITHIN = 9; // milliseconds of a frame that runs may take
const LONG = 60; // milliseconds: what takes longer is shown as a preview first
const WARMING = 3; // the first runs of a page take longer than all others: they count for so many guesses at most
const FIRST_GUESS = 1e-3; // milliseconds a step in two dimensions, until something was measured

/**
 * What is computed: the plans of every path and how large its arrays are.
 * @typedef {{ name: string, recipe: Recipe, facts: import("./plan.js").Facts, plans: ReturnType<typeof plansOf>,
 *   sizes: import("./picture.js").Sizes, live: Chosen }} Work
 */

export class Lead {
  /**
   * @param {(content: any, preview: boolean) => void} show
   * @param {(reason: string) => void} fail  called where the page cannot compute at all
   */
  constructor(show, fail) {
    this.show = show;
    this.fail = fail;
    /** @type {Files | null} */ this.files = null;
    /** @type {Recipe | null} */ this.recipe = null;
    /** @type {Chosen} */ this.live = {};
    /** @type {Pool | null} */ this.pool = null;
    /** @type {{ work: Work, results: Result[][] } | null} */ this.shown = null;
    this.cost = new Map(); // milliseconds a step, by what a run is made of
    this.request = 0;
    this.closed = false;
  }

  /** Takes the recipe of what is to be seen from now on. @param {Recipe} recipe */
  async hear(recipe) {
    this.recipe = recipe;
    try {
      this.files ??= await files();
    } catch (error) {
      this.fail(String(error));
      return;
    }
    if (this.closed || this.recipe !== recipe) return;
    const facts = this.files.facts[recipe.facts];
    const missing = facts ? kernelNames(recipe, facts).filter((name) => !this.files?.engine.has(name)) : ["its problem"];
    if (missing.length) this.fail(`The engine in this page has not ${missing.join(", ")}.`);
    else {
      this.workers(); // while the server is there to hand out their script
      this.compute();
    }
  }

  /** What a hand has changed since the recipe, all of it. @param {Chosen} live */
  lay(live) {
    this.live = live;
    this.soon();
  }

  /** Forgets the recipe: the server sends pictures from now on. */
  rest() {
    this.recipe = this.shown = null;
    this.pool?.drop();
  }

  close() {
    this.closed = true;
    cancelAnimationFrame(this.request);
    this.pool?.close();
  }

  /** Computes with the next frame: of several changes within one the last counts. */
  soon() {
    this.request ||= requestAnimationFrame(() => {
      this.request = 0;
      this.compute();
    });
  }

  compute() {
    const work = this.work();
    if (!work) return;
    if (work.name === this.shown?.work.name) {
      this.present({ work, results: this.shown.results }); // the same runs, perhaps with other words
      return;
    }
    const given = this.given(work);
    const expected = this.expected(work, given.length);
    if (expected <= WITHIN) {
      this.pool?.drop();
      this.present({ work, results: grouped(this.measured(work, given), work) });
      return;
    }
    if (expected > LONG) this.preview(work, expected);
    this.workers().run(given, (results) => this.present({ work, results: grouped(results, work) }), expected > LONG);
  }

  /** @returns {Work | null} */
  work() {
    const { files: ready, recipe, live } = this;
    const facts = recipe && ready?.facts[recipe.facts];
    if (!ready || !recipe || !facts) return null;
    const plans = plansOf(ready.engine, recipe, facts, live);
    const pair = (live.pair ?? recipe.pair) - 1;
    const sizes = sizesOf(ready.engine, facts, plans, pair);
    const name = JSON.stringify([recipe.facts, recipe.methods.map(({ key }) => key), sorted(plans.chosen), sizes.pair]);
    return { name, recipe, facts, plans, sizes, live };
  }

  /** @param {Work} work */
  given({ plans, sizes, facts }) {
    return plans.methods.flat().map((plan) => pathArguments(plan, sizes, facts, plans.shared.dim));
  }

  /** The first steps alone, a frame for each record. @param {Work} work @param {number} records */
  beginning({ plans, sizes, facts }, records) {
    const fewer = { ...sizes, frames: records + 1, cloudFrames: Math.min(sizes.cloudFrames, records + 1) };
    const steps = { "plan.steps": records * plans.shared.record_every };
    return plans.methods.flat().map((plan) => pathArguments({ ...plan, ...steps }, fewer, facts, plans.shared.dim));
  }

  /** @param {Work} work */
  kind({ recipe, plans }) {
    return `${recipe.facts} ${recipe.methods.map(({ key }) => key)} ${plans.shared.dim}`;
  }

  /** How long the runs are going to take here, in milliseconds. @param {Work} work @param {number} paths */
  expected(work, paths) {
    const { steps, dim } = work.plans.shared;
    return paths * steps * (this.cost.get(this.kind(work)) ?? FIRST_GUESS * (dim / 2) ** 2);
  }

  /** Runs paths here and notes how long a step takes. @param {Work} work @param {any[]} given @returns {Result[]} */
  measured(work, given) {
    const engine = /** @type {Files} */ (this.files).engine;
    const from = performance.now();
    const results = given.map((one) => runPath(engine, one));
    const steps = given.reduce((sum, one) => sum + one["plan.steps"], 0);
    const now = (performance.now() - from) / steps;
    const before = this.cost.get(this.kind(work));
    const guess = WARMING * FIRST_GUESS * (work.plans.shared.dim / 2) ** 2;
    this.cost.set(this.kind(work), before === undefined ? Math.min(now, guess) : (before + now) / 2);
    return results;
  }

  /** Shows as many of the first steps as a frame has time for. @param {Work} work @param {number} expected */
  preview(work, expected) {
    const { steps, record_every: every } = work.plans.shared;
    const records = Math.max(1, Math.floor((steps * WITHIN) / expected / every));
    if (records * every >= steps) return;
    const results = this.measured(work, this.beginning(work, records));
    const whole = results.map((result) => stretched(result, work, records));
    this.present({ work, results: grouped(whole, work) }, true);
  }

  /** @param {{ work: Work, results: Result[][] }} found @param {boolean} [preview] */
  present(found, preview = false) {
    if (this.closed || !this.recipe) return;
    const { work, results } = found;
    if (results.flat().some(({ info }) => info[2] === 0)) return; // there is no first position to show
    if (!preview) this.shown = found;
    const { recipe } = work;
    const python = !preview && Object.keys(work.live).length === 0;
    const told = (/** @type {number} */ i) => {
      if (python) return { texts: recipe.texts, passages: recipe.passages[i] };
      const { texts, passages } = toldOf(recipe.words[recipe.methods[i].words], results[i]);
      return { texts: [...texts, ...recipe.texts], passages }; // as much room for words as Python's need
    };
    const engine = /** @type {Files} */ (this.files).engine;
    this.show(pictureOf(engine, recipe, work.facts, work.plans, work.sizes, results, told), preview);
  }

  workers() {
    const { worker, module, manifest } = /** @type {Files} */ (this.files);
    this.pool ??= new Pool(worker, module, manifest);
    return this.pool;
  }
}

/** @param {Result[]} results @param {Work} work @returns {Result[][]} */
function grouped(results, { plans }) {
  return plans.methods.map((_, i) => results.slice(i * plans.starts, (i + 1) * plans.starts));
}

/** The same choices in the same order, whatever order they were made in. @param {Chosen} chosen */
function sorted(chosen) {
  return Object.entries(chosen).sort(([a], [b]) => (a < b ? -1 : 1));
}

/**
 * A preview's series at the frames of the whole run: after its end its last row stands still.
 * @param {Result} result
 * @param {Work} work
 * @param {number} last  the last record that was computed
 * @returns {Result}
 */
function stretched(result, work, last) {
  const { frames, width } = work.sizes;
  const { steps, record_every: every } = work.plans.shared;
  const series = new Float64Array(frames * width);
  for (let frame = 0; frame < frames; frame++) {
    const record = frameOf(frame, frames, Math.ceil(steps / every) + 1);
    const from = Math.min(record, last);
    series.set(result.series.subarray(from * width, (from + 1) * width), frame * width);
    series[frame * width] = Math.min(record * every, steps);
  }
  return { ...result, series, cloud: stretchedCloud(result, work, last) };
}

/**
 * A batch's points at the frames of the whole run: after the preview's end they stand still.
 * @param {Result} result
 * @param {Work} work
 * @param {number} last  the last record that was computed
 */
function stretchedCloud(result, { plans, sizes, facts }, last) {
  const [row, few] = [2 * facts.batch, Math.min(sizes.cloudFrames, last + 1)];
  const cloud = new Float64Array(sizes.cloudFrames * row);
  const { steps, record_every: every } = plans.shared;
  for (let at = 0; at < sizes.cloudFrames; at++) {
    const frame = frameOf(at, sizes.cloudFrames, sizes.frames);
    const record = Math.min(frameOf(frame, sizes.frames, Math.ceil(steps / every) + 1), last);
    const from = Math.floor((record * (few - 1)) / last);
    cloud.set(result.cloud.subarray(from * row, (from + 1) * row), at * row);
  }
  return cloud;
}
