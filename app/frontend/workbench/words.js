// @ts-check
// Numbers as they are read.

const MINUS = "−";

/** @param {number} value @param {number} [digits] */
export function numberText(value, digits = 3) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size >= 1000 || (size > 0 && size < 0.5 * 10 ** -digits && size > 1e-12)) {
    const [head, tail] = size.toExponential(1).split("e");
    return `${value < 0 ? MINUS : ""}${head}e${Number(tail)}`.replace("e-", `e${MINUS}`);
  }
  const text = size.toFixed(size >= 100 ? 1 : digits);
  return value < 0 && Number(text) !== 0 ? MINUS + text : text;
}

/** @param {number[]} point */
export function vectorText(point) {
  return `(${point.map((x) => numberText(x, 2)).join(", ")})`;
}

/** @param {number} angle in degrees, to the left above 0 */
export function angleText(angle) {
  return `${numberText(angle, 1)}°`;
}

/**
 * What an update does to a task, as a sign and in words.
 * @param {number[]} helps of every draw: 1 it helps, -1 it hurts, 0 neither
 */
export function effectOf(helps) {
  const [sign, draws] = [helps[0], helps.length];
  const mark = sign > 0 ? "▲" : sign < 0 ? "▼" : "–";
  const word = sign > 0 ? "helped" : sign < 0 ? "hurt" : "neither helped nor hurt";
  if (draws === 1) return { mark, words: word, share: "" };
  const often = helps.filter((one) => one > 0).length;
  return { mark, words: `${word}; helped in ${often} of ${draws} draws`, share: `${often}/${draws}` };
}
