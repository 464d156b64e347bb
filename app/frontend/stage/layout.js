// Where everything stands: panels and small charts of every method, for a given width. Pure arithmetic, in CSS pixels.

import { taskOf } from "./panels.js";

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

// Returns the arrangement with the largest panels of those that fit the screen, else the least high one: {columns,
// cell (a column's width), charts (a key of PLACES), size (of a panel)}. head: the height of a method's heading.
export function planFor(width, panels, methods, screen, head) {
  if (width < PHONE) return phone(width);
  const plans = [];
  const least = methods > CROWDED.methods ? CROWDED.cell : CELL;
  for (let columns = 1; columns <= methods; columns++) {
    const cell = Math.floor((width - (columns - 1) * COLUMN_GAP) / columns);
    if (columns > 1 && cell < least) break;
    for (const charts of Object.keys(PLACES)) {
      const plan = sized({ columns, cell, charts }, panels, methods, screen, head);
      if (plan) plans.push(plan);
    }
  }
  return plans.length === 0 ? phone(width) : plans.reduce((kept, plan) => (better(plan, kept) ? plan : kept));
}

function phone(width) {
  return { columns: 1, cell: width, charts: "phone" };
}

function better(plan, kept) {
  if (plan.fits && kept.fits) return plan.size > WORTH * kept.size;
  return plan.fits || (!kept.fits && plan.height < kept.height);
}

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

// Of panels and charts together, below a heading; charts beside small panels reach further down than these.
function rowHeight(place, size) {
  return Math.max(TITLE + size + place.height, place.tall ?? 0);
}

// In one wide column charts are as wide as their titles and values side by side.
function besideWidth(plan) {
  return plan.columns > 1 ? PLACES.beside.least : Math.min(380, Math.max(300, 0.3 * plan.cell));
}

// heads: the measured height of each method's heading. Returns {height, rows: [{head, panels, charts}]}.
export function makeLayout(plan, kinds, heads) {
  const rows = [];
  let top = 0;
  for (let first = 0; first < heads.length; first += plan.columns) {
    const line = heads.slice(first, first + plan.columns);
    const below = top + Math.max(...line) + 2;
    const bottoms = line.map((_, column) => {
      const left = column * (plan.cell + COLUMN_GAP);
      const row = { head: { x: left, y: top, w: plan.cell }, panels: [], charts: [] };
      rows.push(row);
      return plan.charts === "phone" ? phoneRow(row, plan.cell, below, kinds) : deskRow(row, plan, left, below, kinds);
    });
    top = Math.max(...bottoms) + ROW_GAP;
  }
  return { height: Math.ceil(top - ROW_GAP + 4), rows };
}

function box(kind, x, y, w, h) {
  return { kind, x, y, w, h };
}

// All panels side by side, the charts at their right or below.
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

// For a phone: the first panel over the whole width, the others two by two, then the charts. An odd last one is alone,
// as large as the first, or as the other tasks' if it is a task's.
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

function placeCharts(row, left, top, width, height, columns) {
  const lines = CHARTS.length / columns;
  const w = (width - (columns - 1) * GAP) / columns;
  const h = (height - (lines - 1) * 10) / lines;
  CHARTS.forEach((kind, i) => {
    const x = left + (i % columns) * (w + GAP);
    row.charts.push(box(kind, x, top + Math.floor(i / columns) * (h + 10), w, h));
  });
}

// Returns the transform from data to canvas of a panel that shows a square [centre x, centre y, half width].
export function squareFit(panel, [cx, cy, half]) {
  const scale = Math.min(panel.w, panel.h) / (2 * half);
  const mx = panel.x + panel.w / 2 - cx * scale;
  const my = panel.y + panel.h / 2 + cy * scale;
  return { sx: scale, sy: -scale, mx, my };
}

// Returns the transform of a panel that shows a box [x low, x high, y low, y high], each axis to its own scale.
export function boxFit(panel, [x0, x1, y0, y1]) {
  const sx = panel.w / (x1 - x0);
  const sy = -panel.h / (y1 - y0);
  return { sx, sy, mx: panel.x - x0 * sx, my: panel.y + panel.h - y0 * sy };
}
