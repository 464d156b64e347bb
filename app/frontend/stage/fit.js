// From data to pixels: how a panel shows a part of the plane.

/**
 * A box on the canvas, in CSS pixels; `kind` says what is drawn in it.
 * @typedef {object} Box
 * @property {string} kind
 * @property {number} x
 * @property {number} y
 * @property {number} w
 * @property {number} h
 */

/**
 * The transform from data to canvas: x -> mx + x sx, y -> my + y sy.
 * @typedef {{sx: number, sy: number, mx: number, my: number}} Fit
 */

/** @typedef {[number, number]} Point */

/**
 * Returns the transform of a panel that shows a square.
 * @param {Box} panel
 * @param {[number, number, number]} square centre x, centre y, half width
 * @returns {Fit}
 */
export function squareFit(panel, [cx, cy, half]) {
  const scale = Math.min(panel.w, panel.h) / (2 * half);
  const mx = panel.x + panel.w / 2 - cx * scale;
  const my = panel.y + panel.h / 2 + cy * scale;
  return { sx: scale, sy: -scale, mx, my };
}

/**
 * Returns the transform of a panel that shows a box, each axis to its own scale.
 * @param {Box} panel
 * @param {[number, number, number, number]} ends x low, x high, y low, y high
 * @returns {Fit}
 */
export function boxFit(panel, [x0, x1, y0, y1]) {
  const sx = panel.w / (x1 - x0);
  const sy = -panel.h / (y1 - y0);
  return { sx, sy, mx: panel.x - x0 * sx, my: panel.y + panel.h - y0 * sy };
}

/**
 * Returns where a point of the data is on the canvas.
 * @param {Fit} fit
 * @param {number} x
 * @param {number} y
 * @returns {Point}
 */
export function place(fit, x, y) {
  return [fit.mx + x * fit.sx, fit.my + y * fit.sy];
}

/**
 * Returns which point of the data a spot of the canvas is.
 * @param {Fit} fit
 * @param {number} x
 * @param {number} y
 * @returns {Point}
 */
export function pointAt(fit, x, y) {
  return [(x - fit.mx) / fit.sx, (y - fit.my) / fit.sy];
}

/**
 * Returns the place of a mark, at the panel's edge where it has left the panel.
 * @param {Box} panel
 * @param {number} x
 * @param {number} y
 * @param {number} [edge]
 * @returns {Point}
 */
export function held(panel, x, y, edge = 14) {
  return [
    Math.min(panel.x + panel.w - edge, Math.max(panel.x + edge, x)),
    Math.min(panel.y + panel.h - edge, Math.max(panel.y + edge, y)),
  ];
}

/**
 * Returns whether a spot of the canvas lies in a box.
 * @param {Box} box
 * @param {{x: number, y: number}} spot
 */
export function holds(box, spot) {
  return spot.x >= box.x && spot.x <= box.x + box.w && spot.y >= box.y && spot.y <= box.y + box.h;
}
