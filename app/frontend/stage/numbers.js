// How numbers are written on the stage.

/**
 * @param {number} value
 * @param {number} [digits]
 */
export function signed(value, digits = 2) {
  return (value < 0 ? "−" : "") + Math.abs(value).toFixed(digits);
}

/**
 * A number in at most five characters; what lies on the floor of the logarithmic axis is 0.
 * @param {number} value
 */
export function number(value) {
  if (value < 1.1e-8) return "0";
  if (value >= 1e4 || (value > 0 && value < 1e-3)) {
    const [digits, power] = value.toExponential(0).split("e");
    return `${digits}e${Number(power)}`.replace("-", "−");
  }
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value >= 0.1 ? value.toFixed(2) : value.toFixed(3);
}

/** @param {number} value */
export function grouped(value) {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

/**
 * A number of steps as an axis has it: 35,000 as 35k.
 * @param {number} value
 */
export function short(value) {
  return value >= 10000 && value % 1000 === 0 ? `${value / 1000}k` : grouped(value);
}
