// How long drawing takes and how evenly frames come: the last few hundred of each.

const KEPT = 600;

export class Meter {
  constructor() {
    /** @type {number[]} milliseconds */
    this.gaps = [];
    /** @type {number[]} milliseconds */
    this.draws = [];
  }

  /** @param {number} milliseconds */
  gap(milliseconds) {
    keep(this.gaps, milliseconds);
  }

  /** @param {number} milliseconds */
  draw(milliseconds) {
    keep(this.draws, milliseconds);
  }

  reset() {
    this.gaps = [];
    this.draws = [];
  }

  report() {
    return { gaps: [...this.gaps], draws: [...this.draws] };
  }
}

/**
 * @param {number[]} list
 * @param {number} value
 */
function keep(list, value) {
  list.push(value);
  if (list.length > KEPT) list.shift();
}
