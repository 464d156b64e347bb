// How far the small charts reach, and which frame of a clock a step is.

/** @typedef {import("./scene.js").Path} Path */

/** @typedef {[number, number]} Range low, high */

/** @typedef {"losses" | "cosine" | "ratio" | "condition" | "lag"} Quantity what one of the small charts shows */

const LEAST_LAG = 0.1; // a smaller one is drawn as small

/**
 * Returns one range a chart for all methods' paths from one start: heights compare. Logarithms but for cosine and lag.
 * @param {{paths: Pick<Path, "excess" | "ratio" | "condition" | "lag">[]}[]} runs
 * @param {number[] | null} guide the excess losses that success asks for
 * @param {number} start
 * @returns {Record<Quantity, Range>}
 */
export function chartRanges(runs, guide, start) {
  const paths = runs.map((run) => run.paths[start]);
  const [least, most] = extent(paths.flatMap((path) => path.excess), Infinity, -Infinity);
  const first = extent(paths.map((path) => path.excess.map((row) => row[0])), -Infinity, -Infinity)[1];
  const top = Math.min(most, first + 1.5) + 0.1; // what diverges runs out at the top
  return {
    losses: [Math.max(Math.min(least, guide ? Math.log10(Math.min(...guide)) - 0.5 : top - 0.5), top - 5), top],
    cosine: [-1, 1],
    ratio: extent(paths.map((path) => path.ratio), -0.3, 0.3),
    condition: extent(paths.map((path) => path.condition), 0, 1),
    lag: extent(paths.map((path) => path.lag ?? []), 0, LEAST_LAG),
  };
}

/**
 * @param {Iterable<number>[]} rows
 * @param {number} low
 * @param {number} high
 * @returns {Range}
 */
function extent(rows, low, high) {
  for (const row of rows)
    for (const value of row) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  return [low, high];
}

/**
 * Returns, for each frame of the shared clock, the last frame of a run that is not later.
 * @param {Int32Array} clock the steps of the clock's frames
 * @param {Int32Array} steps of the run's
 */
export function frameMap(clock, steps) {
  let frame = 0;
  return Uint16Array.from(clock, (step) => {
    while (frame + 1 < steps.length && steps[frame + 1] <= step) frame++;
    return frame;
  });
}

/**
 * Returns the frame whose step is nearest.
 * @param {Int32Array} steps
 * @param {number} wanted
 */
export function nearest(steps, wanted) {
  const after = steps.findIndex((step) => step >= wanted);
  if (after < 0) return steps.length - 1;
  return after > 0 && wanted - steps[after - 1] < steps[after] - wanted ? after - 1 : after;
}
