// @ts-check
// Where things lie in the plane, in pixels. Nothing here touches the page.

/** @typedef {{ size: number, extent: number }} Frame  a square of so many pixels that shows -extent to extent */

const EXTENTS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4, 5, 7.5, 10, 15, 20];
const ROOM = 50; // pixels beyond the furthest tip, for its number
const DIGITS = 2;
const LINE = 20; // pixels between two labels
const FAR = 42; // pixels from its tip at which a label says nothing any more
const SHORT = 48; // pixels of an arrow that has no room for one

/** How far a plane of so many pixels reaches, for gradients that stand still. @param {number[][]} gradients @param {number} size */
export function extentOf(gradients, size) {
  const far = Math.max(...gradients.flat().map(Math.abs)) / (1 - Math.min(0.5, (2 * ROOM) / size));
  return EXTENTS.find((extent) => extent >= far) ?? EXTENTS[EXTENTS.length - 1];
}

/** @param {Frame} frame @param {number[]} point */
export function pixelOf({ size, extent }, [x, y]) {
  const unit = size / (2 * extent);
  return [size / 2 + x * unit, size / 2 - y * unit];
}

/** The point under a pixel, inside the plane, in round numbers. @param {Frame} frame @param {number[]} pixel */
export function pointAt({ size, extent }, [x, y]) {
  const unit = size / (2 * extent);
  return [held((x - size / 2) / unit, extent), held((size / 2 - y) / unit, extent)];
}

/** A number inside ±limit, with two digits. @param {number} value @param {number} limit */
export function held(value, limit) {
  return Number(Math.min(limit, Math.max(-limit, value)).toFixed(DIGITS)) + 0;
}

/** The distance of the grid's lines: five to ten of them on each side. @param {number} extent */
export function spacingOf(extent) {
  return [0.1, 0.25, 0.5, 1, 2.5].find((step) => extent / step <= 8) ?? 2.5;
}

/**
 * An arrow's shaft and head as the data of two SVG paths; of an arrow too short to be seen, a dot's.
 * @param {number[]} from
 * @param {number[]} to
 * @param {number} width
 */
export function arrowPaths([x, y], [tx, ty], width) {
  const length = Math.hypot(tx - x, ty - y);
  if (length < 2) return { shaft: "", head: dot(x, y, width) };
  const [ux, uy] = [(tx - x) / length, (ty - y) / length];
  const head = Math.min(6 + 2.4 * width, length);
  const [bx, by, side] = [tx - head * ux, ty - head * uy, 0.5 * head];
  const corners = [[tx, ty], [bx - side * uy, by + side * ux], [bx + side * uy, by - side * ux]];
  return { shaft: `M${pair([x, y])}L${pair([bx, by])}`, head: `M${corners.map(pair).join("L")}Z` };
}

/** @param {number} x @param {number} y @param {number} radius */
export function dot(x, y, radius) {
  return `M${pair([x - radius, y])}a${radius},${radius} 0 1 0 ${2 * radius},0a${radius},${radius} 0 1 0 ${-2 * radius},0Z`;
}

/** @param {number[]} point */
export function pair([x, y]) {
  return `${x.toFixed(1)},${y.toFixed(1)}`;
}

/**
 * Where labels stand beside the tips of their arrows, so that none lies on another: each is moved down until it is free.
 * None for an arrow too short to have one, or where the free place is too far: the legend has them all.
 * @param {{ tip: number[], width: number }[]} labels
 * @param {number} size of the plane in pixels
 * @returns {({ x: number, y: number, anchor: "start" | "end" } | null)[]} in the same order
 */
export function placed(labels, size) {
  /** @type {{ left: number, right: number, y: number }[]} */ const taken = [];
  const order = labels.map((_, i) => i).sort((a, b) => labels[a].tip[1] - labels[b].tip[1]);
  /** @type {({ x: number, y: number, anchor: "start" | "end" } | null)[]} */ const found = labels.map(() => null);
  for (const i of order) {
    const { tip, width } = labels[i];
    if (Math.hypot(tip[0] - size / 2, tip[1] - size / 2) < SHORT) continue;
    const start = tip[0] >= size / 2 ? tip[0] + 14 + width <= size : tip[0] - 14 - width < 0;
    const x = Math.min(size - 4, Math.max(4, tip[0] + (start ? 14 : -14)));
    const [left, right] = start ? [x, x + width] : [x - width, x];
    const beside = Math.min(size - 8, Math.max(16, tip[1] + 5));
    let y = beside;
    for (let moved = true; moved; ) {
      moved = false;
      for (const other of taken)
        if (left < other.right + 6 && right > other.left - 6 && Math.abs(y - other.y) < LINE) [y, moved] = [other.y + LINE, true];
    }
    if (y - beside > FAR || y > size) continue;
    taken.push({ left, right, y });
    found[i] = { x, y, anchor: start ? "start" : "end" };
  }
  return found;
}
