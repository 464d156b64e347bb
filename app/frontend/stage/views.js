// What a task sees: r = A z + c of the drawn pair, and the way back.

/** @typedef {[number, number, number, number, number, number]} View a11, a12, a21, a22, c1, c2 */

/** @type {View} */
const IDENTITY = [1, 0, 0, 1, 0, 0];

/**
 * Returns a task's view of the drawn pair at a frame.
 * @param {{view: import("./decode.js").Row[] | null}} path
 * @param {number} task
 * @param {number} frame
 * @returns {View}
 */
export function viewAt({ view }, task, frame) {
  if (!view) return IDENTITY;
  return /** @type {View} */ (Array.from({ length: 6 }, (_, i) => view[6 * task + i][frame]));
}

/**
 * Returns the canvas matrix that takes task space back to z space, or null where it is not invertible.
 * @param {View} view
 * @returns {{a: number, b: number, c: number, d: number, e: number, f: number} | null}
 */
export function unseen([a, b, c, d, e, f]) {
  const det = a * d - b * c;
  if (Math.abs(det) < 1e-3) return null;
  const [p, q, r, s] = [d / det, -b / det, -c / det, a / det];
  return { a: p, b: r, c: q, d: s, e: -(p * e + q * f), f: -(r * e + s * f) };
}

/**
 * Returns a whole path as a task sees it.
 * @param {{x: import("./decode.js").Row, y: import("./decode.js").Row, view: import("./decode.js").Row[] | null}} path
 * @param {number} task
 * @returns {{x: import("./decode.js").Row, y: import("./decode.js").Row}}
 */
export function seen(path, task) {
  if (!path.view) return { x: path.x, y: path.y };
  const [a, b, c, d, e, f] = path.view.slice(6 * task, 6 * task + 6);
  const x = path.x.map((_, i) => a[i] * path.x[i] + b[i] * path.y[i] + e[i]);
  const y = path.x.map((_, i) => c[i] * path.x[i] + d[i] * path.y[i] + f[i]);
  return { x, y };
}
