// A curve that changes faster than pixels do: where it goes up and down within a stroke's width, the lowest and the highest
// of the steps there are drawn as a band, and the line goes through their mean. A barcode would show the screen, not the
// curve. Pure arithmetic, in the units of the layout.

/** @typedef {{x: number, y: number}} Spot */

/** @typedef {{from: number, to: number, top: number, bottom: number}} Band top: the smaller y */

const COLUMN = 3; // as wide as a stroke
const SWAYS = 1.5; // times a column's height that a curve goes in it: up, and at least half of it down again
const HIGH = 3; // a band less high than a stroke shows nothing

/**
 * Returns the line to draw through spots in the order of x, and the bands behind it.
 * @param {Spot[]} spots
 * @returns {{line: Spot[], bands: Band[]}}
 */
export function enveloped(spots) {
  /** @type {Spot[]} */
  const line = [];
  /** @type {Band[]} */
  const bands = [];
  for (let first = 0; first < spots.length; ) {
    let next = first + 1;
    const from = spots[first].x;
    while (next < spots.length && spots[next].x < from + COLUMN) next++;
    const column = spots.slice(first, next);
    const reached = { top: Math.min(...column.map((spot) => spot.y)), bottom: Math.max(...column.map((spot) => spot.y)) };
    if (sways(spots, first, next, reached)) {
      const to = spots[next]?.x ?? spots[next - 1].x;
      bands.push({ from, to, ...reached });
      line.push({ x: (from + to) / 2, y: column.reduce((sum, spot) => sum + spot.y, 0) / column.length });
    } else line.push(...column);
    first = next;
  }
  return { line, bands };
}

/**
 * Returns whether a curve goes up and down in a column.
 * @param {Spot[]} spots
 * @param {number} first
 * @param {number} next
 * @param {{top: number, bottom: number}} reached
 */
function sways(spots, first, next, { top, bottom }) {
  let way = 0;
  for (let i = first + 1; i < next; i++) way += Math.abs(spots[i].y - spots[i - 1].y);
  return bottom - top > HIGH && way >= SWAYS * (bottom - top);
}
