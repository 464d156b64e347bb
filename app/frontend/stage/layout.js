// Where everything stands: panels and small charts of every method, for a given width. Pure arithmetic, in the units of
// its measures.

import { DESK } from "./measures.js";

/** @typedef {import("./fit.js").Box} Box */

/** @typedef {import("./measures.js").Measures} Measures */

/** @typedef {import("./measures.js").Place} Place */

/** @typedef {Box & {marks: number}} Chart marks: the size of its smallest type */

/** @typedef {{columns: number, cell: number, charts: string}} Columns cell: a column's width */

/** @typedef {Columns & {size: number, high: number, fits: boolean, height: number}} Sized size: of a panel; high: panels and charts */

/** @typedef {Sized | {columns: number, cell: number, charts: "phone", size?: undefined}} Plan */

/** @typedef {{head: {x: number, y: number, w: number}, panels: Box[], charts: Chart[]}} Row of one method */

/** @typedef {{height: number, rows: Row[]}} Layout */

/**
 * Returns the arrangement with the largest panels of those that fit the screen, else the least high one.
 * @param {number} width
 * @param {number} panels how many panels a method has
 * @param {number} methods
 * @param {number} screen the window's height
 * @param {number} head the height of a method's heading
 * @param {Measures} [measures]
 * @returns {Plan}
 */
export function planFor(width, panels, methods, screen, head, measures = DESK) {
  if (width < measures.phone) return phone(width);
  /** @type {Sized[]} */
  const plans = [];
  const least = methods > measures.crowded.methods ? measures.crowded.cell : measures.cell;
  for (let columns = 1; columns <= methods; columns++) {
    const cell = Math.floor((width - (columns - 1) * measures.columnGap) / columns);
    if (columns > 1 && cell < least) break;
    for (const charts of Object.keys(measures.places)) {
      const plan = sized({ columns, cell, charts }, panels, methods, screen - measures.above, head, measures);
      if (plan) plans.push(plan);
    }
  }
  return plans.length === 0 ? phone(width) : plans.reduce((kept, plan) => (better(plan, kept, measures.worth) ? plan : kept));
}

/**
 * @param {number} width
 * @returns {Plan}
 */
function phone(width) {
  return { columns: 1, cell: width, charts: "phone" };
}

/**
 * @param {Sized} plan
 * @param {Sized} kept
 * @param {number} worth
 */
function better(plan, kept, worth) {
  if (plan.fits && kept.fits) return plan.size > worth * kept.size;
  return plan.fits || (!kept.fits && plan.height < kept.height);
}

/**
 * @param {Columns} plan
 * @param {number} panels how many panels a method has
 * @param {number} methods
 * @param {number} height that all of them may have
 * @param {number} head
 * @param {Measures} measures
 * @returns {Sized | null} null where a panel or a chart would be too small
 */
function sized(plan, panels, methods, height, head, { gap, title, rowGap, sizes, places, fills }) {
  const place = places[plan.charts];
  const beside = place.height === 0;
  const chartsWide = beside ? besideWidth(plan, place) + panels * gap : (panels - 1) * gap;
  const wide = (plan.cell - chartsWide) / panels;
  if (wide < sizes.least || plan.cell < place.least) return null;
  const lines = Math.ceil(methods / plan.columns);
  const share = height / lines - rowGap - head;
  const room = share - title - place.height;
  const size = Math.floor(Math.min(sizes.most, wide, room < sizes.fitting ? sizes.usual : room));
  const needed = Math.max(title + size + place.height, place.tall ?? 0); // charts beside small panels reach further down
  const most = Math.max(needed, title + size + 2 * place.height, 2 * (place.tall ?? 0));
  const high = fills ? Math.floor(Math.min(most, Math.max(needed, share))) : needed;
  return { ...plan, size, high, fits: high <= share, height: lines * (rowGap + head + high) };
}

/**
 * In one wide column charts are as wide as their titles and values side by side.
 * @param {Columns} plan
 * @param {Place} place
 */
function besideWidth(plan, place) {
  if (plan.columns > 1 || place.perLine === 1) return place.least;
  return Math.max(place.least, Math.min(380, Math.max(300, 0.3 * plan.cell)));
}

/**
 * Returns where everything stands: a row for each method.
 * @param {Plan} plan
 * @param {string[]} kinds of panels
 * @param {number[]} heads the measured height of each method's heading
 * @param {Measures} [measures]
 * @returns {Layout}
 */
export function makeLayout(plan, kinds, heads, measures = DESK) {
  /** @type {Row[]} */
  const rows = [];
  let top = 0;
  for (let first = 0; first < heads.length; first += plan.columns) {
    const line = heads.slice(first, first + plan.columns);
    const below = top + Math.max(...line) + 2;
    const bottoms = line.map((_, column) => {
      const left = column * (plan.cell + measures.columnGap);
      /** @type {Row} */
      const row = { head: { x: left, y: top, w: plan.cell }, panels: [], charts: [] };
      rows.push(row);
      if (plan.size === undefined) return phoneRow(row, plan.cell, below, kinds, measures);
      return deskRow(row, plan, { left, top: below }, kinds, measures);
    });
    top = Math.max(...bottoms) + measures.rowGap;
  }
  return { height: Math.ceil(top - measures.rowGap + 4), rows };
}

/**
 * Returns the task that a kind of panel is of, -1 for none.
 * @param {string} kind
 */
export function taskOf(kind) {
  return kind.startsWith("r") ? Number(kind.slice(1)) : -1;
}

/**
 * @param {string} kind
 * @param {number} x
 * @param {number} y
 * @param {number} w
 * @param {number} h
 * @returns {Box}
 */
function box(kind, x, y, w, h) {
  return { kind, x, y, w, h };
}

/**
 * All panels side by side, the charts at their right or below.
 * @param {Row} row
 * @param {Sized} plan
 * @param {{left: number, top: number}} corner
 * @param {string[]} kinds
 * @param {Measures} measures
 */
function deskRow(row, plan, { left, top }, kinds, measures) {
  const { size, cell, high } = plan;
  const { gap, title } = measures;
  const y = top + title;
  kinds.forEach((kind, i) => row.panels.push(box(kind, left + i * (size + gap), y, size, size)));
  const place = measures.places[plan.charts];
  if (place.height === 0) {
    const taken = kinds.length * (size + gap) + 4;
    placeCharts(row, box("", left + taken, top, cell - taken, high), place, measures);
    return top + high;
  }
  placeCharts(row, box("", left, y + size + 10, cell, high - title - size - 10), place, measures);
  return top + high;
}

/**
 * For a phone: the first panel over the whole width, the others two by two, then the charts. An odd last one is alone,
 * as large as the first, or as the other tasks' if it is a task's.
 * @param {Row} row
 * @param {number} width
 * @param {number} top
 * @param {string[]} kinds
 * @param {Measures} measures
 */
function phoneRow(row, width, top, kinds, measures) {
  const { gap, title } = measures;
  const half = Math.floor((width - gap) / 2);
  let y = top;
  for (let i = 0; i < kinds.length; ) {
    const pair = i > 0 && i + 1 < kinds.length;
    const small = pair || (i > 0 && taskOf(kinds[i]) >= 0);
    const size = small ? half : Math.floor(0.78 * width);
    row.panels.push(box(kinds[i], 0, y + title, small ? half : width, size));
    if (pair) row.panels.push(box(kinds[i + 1], half + gap, y + title, half, half));
    i += pair ? 2 : 1;
    y += title + size + 4;
  }
  const high = 125 * Math.ceil(measures.charts.length / 2);
  placeCharts(row, box("", 0, y + 6, width, high), { perLine: 2 }, measures);
  return y + 6 + high;
}

/**
 * @param {Row} row
 * @param {Box} room
 * @param {Pick<Place, "perLine" | "most">} place
 * @param {Measures} measures
 */
function placeCharts(row, room, { perLine, most }, { charts, gap, marks }) {
  const kinds = charts.slice(0, most);
  const lines = Math.ceil(kinds.length / perLine);
  const w = (room.w - (perLine - 1) * gap) / perLine;
  const h = (room.h - (lines - 1) * 10) / lines;
  kinds.forEach((kind, i) => {
    const x = room.x + (i % perLine) * (w + gap);
    row.charts.push({ ...box(kind, x, room.y + Math.floor(i / perLine) * (h + 10), w, h), marks });
  });
}
