// How long drawing takes and how evenly frames come: the last few hundred of each.

const KEPT = 600;

export class Meter {
  constructor() {
    this.gaps = [];
    this.draws = [];
  }

  gap(milliseconds) {
    keep(this.gaps, milliseconds);
  }

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

function keep(list, value) {
  list.push(value);
  if (list.length > KEPT) list.shift();
}
