// Where a slider stops, and which number a typed text is.

/** @typedef {import("./spec.js").Spec} Spec */
/** @typedef {import("./spec.js").Values} Values */

// Round numbers, a tenth apart: 24 of a decade.
const MANTISSAS = [1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.8, 2, 2.2, 2.5, 2.8, 3, 3.2, 3.5, 4, 4.5, 5, 5.5, 6, 6.5, 7, 8, 9];
const DIGITS = 12; // beyond them an even range shows how it was computed

/** @type {WeakMap<Spec, number[]>} */
const known = new WeakMap();

/**
 * Returns the numbers that a slider stops at, ascending; what stands for "all" comes last.
 * @param {Spec} spec
 * @param {Values} values of all fields: some decide what others take
 * @returns {number[]}
 */
export function stopsOf(spec, values) {
  if (spec.takes) return spec.takes[(spec.by ?? []).map((key) => values[key]).join(",")] ?? [spec.default];
  if (spec.stops) return spec.stops;
  let stops = known.get(spec);
  if (!stops) known.set(spec, (stops = spec.scale === "log" ? logarithmic(spec) : even(spec)));
  return stops;
}

/** @param {Spec} spec */
function logarithmic(spec) {
  const { low = 0, high = 1, first = low } = spec;
  const stops = [low, first, high, spec.default];
  for (let decade = Math.floor(Math.log10(first)); decade <= Math.ceil(Math.log10(high)); decade++)
    for (const mantissa of MANTISSAS) stops.push(Number(`${mantissa}e${decade}`));
  return ascending(stops.filter((stop) => stop === low || (first <= stop && stop <= high)), spec.kind);
}

/** @param {Spec} spec */
function even(spec) {
  const { low = 0, high = 1, step = 1 } = spec;
  const count = Math.floor((high - low) / step + 1e-6) + 1;
  const stops = Array.from({ length: count }, (_, i) => Number((low + i * step).toFixed(DIGITS)));
  return ascending([...stops, high, spec.default], spec.kind);
}

/**
 * @param {number[]} numbers
 * @param {string} kind
 */
function ascending(numbers, kind) {
  const whole = kind === "int" ? numbers.map(Math.round) : numbers;
  return [...new Set(whole)].sort((a, b) => a - b);
}

/**
 * Returns the place of the stop nearest to a value.
 * @param {number[]} stops
 * @param {number} value
 */
export function placeOf(stops, value) {
  const exact = stops.indexOf(value);
  if (exact >= 0) return exact;
  let near = 0;
  stops.forEach((stop, i) => {
    if (Math.abs(stop - value) < Math.abs(stops[near] - value)) near = i;
  });
  return near;
}

/**
 * Returns the number that a typed text is, null where the field takes no such one.
 * @param {Spec} spec
 * @param {string} text
 * @param {Values} values
 * @returns {number | null}
 */
export function numberIn(spec, text, values) {
  const value = text.trim() ? Number(text) : NaN;
  if (!Number.isFinite(value) || (spec.kind === "int" && !Number.isInteger(value))) return null;
  if (spec.whole !== undefined && value === values[(spec.by ?? [])[0]]) return spec.whole;
  if (spec.takes || spec.stops) return stopsOf(spec, values).includes(value) ? value : null;
  const { low = -Infinity, high = Infinity } = spec;
  return low <= value && value <= high ? value : null;
}

const SMALL = 1e-3; // below it a number is written by its power of ten, with as many digits

/**
 * Returns a value as it is shown: what stands for "all" as how many these are.
 * @param {Spec} spec
 * @param {any} value
 * @param {Values} values
 * @returns {string}
 */
export function textOf(spec, value, values) {
  if (spec.whole !== undefined && value === spec.whole) return String(values[(spec.by ?? [])[0]]);
  return typeof value === "number" && value && Math.abs(value) < SMALL ? value.toExponential() : String(value);
}

/** @type {WeakMap<number[], number>} */
const widths = new WeakMap();

/**
 * Returns how many letters the longest of a slider's stops has: its box is as wide, and does not change under the hand.
 * @param {Spec} spec
 * @param {Values} values
 */
export function lettersOf(spec, values) {
  const stops = stopsOf(spec, values);
  let letters = widths.get(stops);
  if (letters === undefined)
    widths.set(stops, (letters = Math.max(...stops.map((stop) => textOf(spec, stop, values).length))));
  return letters;
}

/**
 * Returns the values with what no longer fits at its default, as the server will: a size that is wider than the space.
 * @param {Spec[]} specs
 * @param {Values} values
 * @returns {Values}
 */
export function fitted(specs, values) {
  const fitting = { ...values };
  const sized = specs.filter((spec) => spec.takes).sort((a, b) => (a.by ?? []).length - (b.by ?? []).length);
  for (const spec of sized)
    if (!stopsOf(spec, fitting).includes(fitting[spec.key])) fitting[spec.key] = spec.default;
  return fitting;
}
