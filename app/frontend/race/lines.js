// How each method's line looks: a colour, and beyond the colours a dash.

/** @typedef {import("../stage/theme.js").Theme} Theme */

export const LINES = 12; // methods that can be told apart

/**
 * Returns a method's colour, and its dash as SVG writes it.
 * @param {Theme} theme
 * @param {number} method
 */
export function lineOf(theme, method) {
  const colours = theme.methods;
  return { colour: colours[method % colours.length], dash: method < colours.length ? "" : "7 4" };
}
