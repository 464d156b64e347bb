// What is drawn, from a decoded payload: paths, views, curves and polygons, ready for the canvas.

import { frameMap, nearest } from "./ranges.js";
import { seen } from "./views.js";

/** @typedef {import("./decode.js").Row} Row */

/**
 * One path: its numbers at every frame.
 * @typedef {object} Path
 * @property {Row} x
 * @property {Row} y
 * @property {Row[]} excess log10 of each task's
 * @property {Row[]} losses of each task
 * @property {Row[][]} gradients of each task, as arrows are drawn
 * @property {Row[]} update
 * @property {Row} cosine
 * @property {Row} ratio log10
 * @property {Row} condition log10
 * @property {Row | null} lag the distance of z to the moving optimum; null where there is none
 * @property {Row[] | null} view six rows a task (see views.js); null where nothing turns
 * @property {{x: Row, y: Row}[]} seen the path as each task sees it
 * @property {[outcome: number, step: number]} outcome
 * @property {number} solved from which step on; -1: never
 * @property {Uint8Array} vanished
 * @property {Uint8Array} capped
 */

/**
 * One method's paths from all starts.
 * @typedef {object} Run
 * @property {string} title
 * @property {import("./decode.js").Told} told
 * @property {number} starts
 * @property {Int32Array} steps
 * @property {number} lastStep
 * @property {Path[]} paths
 * @property {{every: number[], points: Row[]} | null} cloud
 * @property {Uint16Array} at its frame at each frame of the shared clock
 */

/**
 * One task's level curves; -1: of the weighted sum. The halves are the inner and the outer ones.
 * @typedef {{task: number, values: number[], curves: Path2D[], halves: Path2D[]}} Levels
 */

/**
 * @typedef {object} Made
 * @property {string} digest
 * @property {boolean} [preview] whether only the first steps were computed yet
 * @property {Run[]} runs
 * @property {Int32Array} steps of the shared clock, which is the longest run's
 * @property {number} frames
 * @property {(step: number) => number} frameAt
 * @property {number} starts
 * @property {Levels[]} levels
 * @property {{theta: Row[], objective: Row[]} | null} front
 */

/** @typedef {import("./decode.js").Shared & Made} Scene */

/**
 * @template E
 * @param {import("./decode.js").Content<E>} content
 * @returns {Scene}
 */
export function makeScene({ digest, header, read }) {
  const made = header.runs.map((run) => makeRun(run, header, read));
  const clock = made.reduce((longest, run) => (run.lastStep > longest.lastStep ? run : longest), made[0]);
  const runs = made.map((run) => ({ ...run, at: frameMap(clock.steps, run.steps) }));
  return {
    ...header,
    digest,
    runs,
    steps: clock.steps,
    frames: clock.steps.length,
    frameAt: (step) => nearest(clock.steps, step),
    starts: runs[0].starts,
    levels: header.levels.map((family) => makeLevels(family, read)),
    front: header.front && { theta: read(header.front.theta), objective: read(header.front.objective) },
  };
}

/**
 * @template E
 * @param {import("./decode.js").RunEntry<E>} run
 * @param {import("./decode.js").Shared} shared
 * @param {(entry: E) => Row[]} read
 */
function makeRun(run, shared, read) {
  const [z, excess, gradients] = [read(run.z), read(run.excess), read(run.gradients)];
  const [update, curves] = [read(run.update), read(run.curves)];
  const [view, lag] = [run.view && read(run.view), run.lag && read(run.lag)];
  const tasks = shared.tasks.length;
  let total = 0;
  const steps = Int32Array.from(run.steps, (difference) => (total += difference));
  const paths = Array.from({ length: run.starts }, (_, s) => {
    const own = excess.slice(tasks * s, tasks * (s + 1));
    const path = { x: z[2 * s], y: z[2 * s + 1], view: view && view.slice(6 * tasks * s, 6 * tasks * (s + 1)) };
    return {
      ...path,
      excess: own,
      losses: own.map((row, k) => row.map((value) => 10 ** value + shared.minima[k])),
      gradients: own.map((_, k) => gradients.slice(2 * (tasks * s + k), 2 * (tasks * s + k) + 2)),
      update: update.slice(2 * s, 2 * s + 2),
      cosine: curves[3 * s],
      ratio: curves[3 * s + 1],
      condition: curves[3 * s + 2],
      lag: lag && lag[s],
      seen: own.map((_, k) => seen(path, k)),
      outcome: run.outcome[s],
      solved: run.solved[s],
      vanished: states(run.vanished[s], run.frames),
      capped: states(run.capped[s], run.frames),
    };
  });
  const cloud = run.cloud && { every: run.cloud.every, points: read(run.cloud.points) };
  return { title: run.title, told: run.told, starts: run.starts, steps, lastStep: total, paths, cloud };
}

/**
 * Returns 0 or 1 at every frame.
 * @param {number[]} flips the frames at which it changes, from 0
 * @param {number} frames
 */
function states(flips, frames) {
  const values = new Uint8Array(frames);
  flips.forEach((from, i) => values.fill(i % 2 ? 0 : 1, from));
  return values;
}

/** @type {WeakMap<object, Levels>} what was made of a family: the same one is part of many scenes */
const known = new WeakMap();

/**
 * @template E
 * @param {import("./decode.js").LevelsEntry<E>} family
 * @param {(entry: E) => Row[]} read
 * @returns {Levels}
 */
function makeLevels(family, read) {
  const made = known.get(family) ?? placedLevels(family, read);
  known.set(family, made);
  return made;
}

/**
 * @template E
 * @param {import("./decode.js").LevelsEntry<E>} family
 * @param {(entry: E) => Row[]} read
 * @returns {Levels}
 */
function placedLevels(family, read) {
  if (!family.points) return { task: family.task, values: [], curves: [], halves: [] };
  const [x, y] = read(family.points);
  let from = 0;
  const halves = [new Path2D(), new Path2D()];
  const curves = family.rings.map((lengths, level) => {
    const curve = new Path2D();
    for (const length of lengths) {
      curve.moveTo(x[from], y[from]);
      for (let i = from + 1; i < from + length; i++) curve.lineTo(x[i], y[i]);
      curve.closePath();
      from += length;
    }
    halves[level < family.rings.length / 2 ? 0 : 1].addPath(curve);
    return curve;
  });
  return { task: family.task, values: family.values, curves, halves };
}
