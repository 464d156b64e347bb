// Numbers of a constant sum, a slider each.

const KEPT = 4; // kept of what the others get
const SHOWN = 3;

/**
 * Returns shares with the same sum and `value` for one of them; the others have the rest as they had it before.
 * @param {number[]} shares
 * @param {number} which
 * @param {number} value
 * @param {number} total
 * @param {number} least that every share keeps
 * @returns {number[]}
 */
export function shared(shares, which, value, total, least) {
  const others = shares.map((_, i) => i).filter((i) => i !== which);
  const moved = [...shares];
  moved[which] = Math.min(Math.max(value, least), rounded(total - least * others.length, 12));
  const rest = total - moved[which];
  const before = others.reduce((sum, i) => sum + shares[i], 0);
  for (const i of others) {
    const part = before > 0 ? shares[i] / before : 1 / others.length;
    moved[i] = Math.max(rounded(rest * part, KEPT), least);
  }
  const largest = others.reduce((best, i) => (moved[i] > moved[best] ? i : best), others[0]);
  const over = total - moved.reduce((sum, share) => sum + share, 0); // what rounding left
  moved[largest] = rounded(moved[largest] + over, 12);
  return moved;
}

/**
 * Returns a share as it is shown.
 * @param {number} share
 */
export const shortened = (share) => rounded(share, SHOWN);

/**
 * @param {number} value
 * @param {number} digits
 */
function rounded(value, digits) {
  return Number(value.toFixed(digits));
}
