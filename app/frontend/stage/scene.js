// What is drawn, from a decoded payload: paths, views, curves and polygons, ready for the canvas.

export function makeScene({ digest, header, read }) {
  const tasks = header.tasks.length;
  const runs = header.runs.map((run) => makeRun(run, header, read, tasks));
  const clock = runs.reduce((longest, run) => (run.lastStep > longest.lastStep ? run : longest), runs[0]);
  for (const run of runs) run.at = frameMap(clock.steps, run.steps);
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

function makeRun(run, header, read, tasks) {
  const z = read(run.z);
  const excess = read(run.excess);
  const gradients = read(run.gradients);
  const update = read(run.update);
  const curves = read(run.curves);
  const view = run.view && read(run.view);
  let total = 0;
  const steps = Int32Array.from(run.steps, (difference) => (total += difference));
  const paths = Array.from({ length: run.starts }, (_, s) => {
    const path = {
      x: z[2 * s],
      y: z[2 * s + 1],
      excess: excess.slice(tasks * s, tasks * (s + 1)),
      gradients: Array.from({ length: tasks }, (_, k) => gradients.slice(2 * (tasks * s + k), 2 * (tasks * s + k) + 2)),
      update: update.slice(2 * s, 2 * s + 2),
      cosine: curves[3 * s],
      ratio: curves[3 * s + 1],
      condition: curves[3 * s + 2],
      view: view && view.slice(6 * tasks * s, 6 * tasks * (s + 1)),
      outcome: run.outcome[s],
      solved: run.solved[s],
      vanished: states(run.vanished[s], run.frames),
      capped: states(run.capped[s], run.frames),
    };
    path.losses = path.excess.map((row, k) => row.map((value) => 10 ** value + header.minima[k]));
    path.seen = Array.from({ length: tasks }, (_, k) => seen(path, k));
    return path;
  });
  const cloud = run.cloud && { every: run.cloud.every, points: read(run.cloud.points) };
  return { title: run.title, told: run.told, starts: run.starts, steps, lastStep: total, paths, cloud };
}

// 0 or 1 at every frame, from the frames at which it changes.
function states(flips, frames) {
  const values = new Uint8Array(frames);
  flips.forEach((from, i) => values.fill(i % 2 ? 0 : 1, from));
  return values;
}

// Task k's view of the drawn pair at a frame: r = A z + c as [a11, a12, a21, a22, c1, c2].
export function viewAt(path, task, frame) {
  if (!path.view) return IDENTITY;
  return Array.from({ length: 6 }, (_, i) => path.view[6 * task + i][frame]);
}

const IDENTITY = [1, 0, 0, 1, 0, 0];

// Returns the canvas matrix {a, b, c, d, e, f} that takes task space back to z space, or null where it is not invertible.
export function unseen([a, b, c, d, e, f]) {
  const det = a * d - b * c;
  if (Math.abs(det) < 1e-3) return null;
  const [p, q, r, s] = [d / det, -b / det, -c / det, a / det];
  return { a: p, b: r, c: q, d: s, e: -(p * e + q * f), f: -(r * e + s * f) };
}

function seen(path, task) {
  if (!path.view) return { x: path.x, y: path.y };
  const [a, b, c, d, e, f] = path.view.slice(6 * task, 6 * task + 6);
  const x = path.x.map((_, i) => a[i] * path.x[i] + b[i] * path.y[i] + e[i]);
  const y = path.x.map((_, i) => c[i] * path.x[i] + d[i] * path.y[i] + f[i]);
  return { x, y };
}

function makeLevels(family, read) {
  if (!family.points) return { task: family.task, values: [], curves: [], halves: [] };
  const [x, y] = read(family.points);
  let from = 0;
  const halves = [new Path2D(), new Path2D()]; // the inner curves and the outer ones
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

// For each frame of the shared clock, the last frame of this run that is not later.
function frameMap(clock, steps) {
  let frame = 0;
  return Uint16Array.from(clock, (step) => {
    while (frame + 1 < steps.length && steps[frame + 1] <= step) frame++;
    return frame;
  });
}

// The frame whose step is nearest.
function nearest(steps, wanted) {
  const after = steps.findIndex((step) => step >= wanted);
  if (after < 0) return steps.length - 1;
  return after > 0 && wanted - steps[after - 1] < steps[after] - wanted ? after - 1 : after;
}

function extent(rows, low, high) {
  for (const row of rows)
    for (const value of row) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  return [low, high];
}

// One range per chart for all methods' paths from one start: heights compare. Logarithms but for the cosine.
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
  };
}
