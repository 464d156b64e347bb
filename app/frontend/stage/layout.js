// Where everything stands: panels and small charts of every method, for a given width. Pure arithmetic, in CSS pixels.

/** @typedef {import("./fit.js").Box} Box */

/** @typedef {{perLine: number, least: number, height: number, tall?: number}} Place where charts stand */

/** @typedef {{columns: number, cell: number, charts: keyof typeof PLACES}} Columns cell: a column's width */

/** @typedef {Columns & {size: number, fits: boolean, height: number}} Sized size: of a panel */

/** @typedef {Sized | {columns: number, cell: number, charts: "phone"}} Plan */

/** @typedef {{head: {x: number, y: number, w: number}, panels: Box[], charts: Box[]}} Row of one method */

/** @typedef {{height: number, rows: Row[]}} Layout */

const GAP = 14;
const TITLE = 24;
const ROW_GAP = 26;
const COLUMN_GAP = 32;
const ABOVE = 250; // what stands above the canvas on a page: navigation, heading, buttons, legend
const PHONE = 460; // narrower than this, panels stand one below the other
const CELL = 560; // the least width of one of several columns, and of one of them where there are many methods
const CROWDED = { methods: 4, cell: 440 };
const CHART = 123; // the least width of a chart
const SIZES = { least: 120, fitting: 150, usual: 184, most: 520 }; // of a panel; `fitting`: so small to fit a screen
const CHARTS = ["losses", "cosine", "ratio", "condition"];
const PLACES = {
  beside: { perLine: 2, least: 2 * CHART + GAP, height: 0, tall: 192 }, // tall: what two charts need to be legible
  line: { perLine: 4, least: 4 * CHART + 3 * GAP, height: 116 },
  square: { perLine: 2, least: 2 * CHART + GAP, height: 214 },
};
const WORTH = 1.15; // panels this much larger are worth another arrangement

/**
 * Returns the arrangement with the largest panels of those that fit the screen, else the least high one.
 * @param {number} width
 * @param {number} panels how many panels a method has
 * @param {number} methods
 * @param {number} screen the window's height
 * @param {number} head the height of a method's heading
 * @returns {Plan}
 */
export function planFor(width, panels, methods, screen, head) {
  if (width < PHONE) return phone(width);
  /** @type {Sized[]} */
  const plans = [];
  const least = methods > CROWDED.methods ? CROWDED.cell : CELL;
  for (let columns = 1; columns <= methods; columns++) {
    const cell = Math.floor((width - (columns - 1) * COLUMN_GAP) / columns);
    if (columns > 1 && cell < least) break;
    for (const charts of /** @type {(keyof typeof PLACES)[]} */ (Object.keys(PLACES))) {
      const plan = sized({ columns, cell, charts }, panels, methods, screen, head);
      if (plan) plans.push(plan);
    }
  }
  return plans.length === 0 ? phone(width) : plans.reduce((kept, plan) => (better(plan, kept) ? plan : kept));
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
 */
function better(plan, kept) {
  if (plan.fits && kept.fits) return plan.size > WORTH * kept.size;
  return plan.fits || (!kept.fits && plan.height < kept.height);
}

/**
 * @param {Columns} plan
 * @param {number} panels how many panels a method has
 * @param {number} methods
 * @param {number} screen the window's height
 * @param {number} head
 * @returns {Sized | null} null where a panel or a chart would be too small
 */
function sized(plan, panels, methods, screen, head) {
  const place = PLACES[plan.charts];
  const beside = plan.charts === "beside";
  const chartsWide = beside ? besideWidth(plan) + panels * GAP : (panels - 1) * GAP;
  const wide = (plan.cell - chartsWide) / panels;
  if (wide < SIZES.least || plan.cell < place.least) return null;
  const lines = Math.ceil(methods / plan.columns);
  const share = (screen - ABOVE) / lines - ROW_GAP - head;
  const room = share - TITLE - place.height;
  const size = Math.floor(Math.min(SIZES.most, wide, room < SIZES.fitting ? SIZES.usual : room));
  const high = rowHeight(place, size);
  return { ...plan, size, fits: high <= share, height: lines * (ROW_GAP + head + high) };
}

/**
 * Returns the height of panels and charts together, below a heading; charts beside small panels reach further down.
 * @param {Place} place
 * @param {number} size
 */
function rowHeight(place, size) {
  return Math.max(TITLE + size + place.height, place.tall ?? 0);
}

/**
 * In one wide column charts are as wide as their titles and values side by side.
 * @param {Columns} plan
 */
function besideWidth(plan) {
  return plan.columns > 1 ? PLACES.beside.least : Math.min(380, Math.max(300, 0.3 * plan.cell));
}

/**
 * Returns where everything stands: a row for each method.
 * @param {Plan} plan
 * @param {string[]} kinds of panels
 * @param {number[]} heads the measured height of each method's heading
 * @returns {Layout}
 */
export function makeLayout(plan, kinds, heads) {
  /** @type {Row[]} */
  const rows = [];
  let top = 0;
  for (let first = 0; first < heads.length; first += plan.columns) {
    const line = heads.slice(first, first + plan.columns);
    const below = top + Math.max(...line) + 2;
    const bottoms = line.map((_, column) => {
      const left = column * (plan.cell + COLUMN_GAP);
      /** @type {Row} */
      const row = { head: { x: left, y: top, w: plan.cell }, panels: [], charts: [] };
      rows.push(row);
      return plan.charts === "phone" ? phoneRow(row, plan.cell, below, kinds) : deskRow(row, plan, left, below, kinds);
    });
    top = Math.max(...bottoms) + ROW_GAP;
  }
  return { height: Math.ceil(top - ROW_GAP + 4), rows };
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
 * @param {number} left
 * @param {number} top
 * @param {string[]} kinds
 */
function deskRow(row, plan, left, top, kinds) {
  const { size, cell } = plan;
  const y = top + TITLE;
  kinds.forEach((kind, i) => row.panels.push(box(kind, left + i * (size + GAP), y, size, size)));
  const { perLine, height } = PLACES[plan.charts];
  const high = rowHeight(PLACES[plan.charts], size);
  if (plan.charts === "beside") {
    const taken = kinds.length * (size + GAP) + 4;
    placeCharts(row, left + taken, top, cell - taken, high, perLine);
    return top + high;
  }
  placeCharts(row, left, y + size + 10, cell, height - 10, perLine);
  return top + high;
}

/**
 * For a phone: the first panel over the whole width, the others two by two, then the charts. An odd last one is alone,
 * as large as the first, or as the other tasks' if it is a task's.
 * @param {Row} row
 * @param {number} width
 * @param {number} top
 * @param {string[]} kinds
 */
function phoneRow(row, width, top, kinds) {
  const half = Math.floor((width - GAP) / 2);
  let y = top;
  for (let i = 0; i < kinds.length; ) {
    const pair = i > 0 && i + 1 < kinds.length;
    const small = pair || (i > 0 && taskOf(kinds[i]) >= 0);
    const size = small ? half : Math.floor(0.78 * width);
    row.panels.push(box(kinds[i], 0, y + TITLE, small ? half : width, size));
    if (pair) row.panels.push(box(kinds[i + 1], half + GAP, y + TITLE, half, half));
    i += pair ? 2 : 1;
    y += TITLE + size + 4;
  }
  placeCharts(row, 0, y + 6, width, 250, 2);
  return y + 6 + 250;
}

/**
 * @param {Row} row
 * @param {number} left
 * @param {number} top
 * @param {number} width
 * @param {number} height
 * @param {number} columns
 */
function placeCharts(row, left, top, width, height, columns) {
  const lines = CHARTS.length / columns;
  const w = (width - (columns - 1) * GAP) / columns;
  const h = (height - (lines - 1) * 10) / lines;
  CHARTS.forEach((kind, i) => {
    const x = left + (i % columns) * (w + GAP);
    row.charts.push(box(kind, x, top + Math.floor(i / columns) * (h + 10), w, h));
  });
}
