// Where everything stands: rows of panels and small charts for a given width. Pure arithmetic, in CSS pixels.

const GAP = 14;
const TITLE = 24;
const ROW_GAP = 26;
const CHARTS = ["losses", "cosine", "ratio", "condition"];

// heads: the measured height of each row's heading; screen: the window's height, so that two methods fit on it.
// Returns {height, rows: [{head, panels, charts}]}.
export function makeLayout(width, kinds, heads, screen) {
  let top = 0;
  const most = Math.min(340, Math.max(kinds.length < 3 ? 200 : 184, (screen - 300) / heads.length - 76));
  const rows = heads.map((head) => {
    const place = width >= 820 ? wideRow : width >= 460 ? mediumRow : narrowRow;
    const row = { head: { x: 0, y: top, w: width }, panels: [], charts: [] };
    const bottom = place(row, width, top + head + 2, kinds, most);
    top = bottom + ROW_GAP;
    return row;
  });
  return { height: Math.ceil(top - ROW_GAP + 4), rows };
}

function box(kind, x, y, w, h) {
  return { kind, x, y, w, h };
}

// All panels side by side, the charts two by two at their right.
function wideRow(row, width, top, kinds, most) {
  const least = Math.min(360, Math.max(300, 0.3 * width)); // below that names and values of the charts collide
  const count = kinds.length;
  const size = Math.floor(Math.min(most, (width - least - count * GAP) / count));
  const y = top + TITLE;
  kinds.forEach((kind, i) => row.panels.push(box(kind, i * (size + GAP), y, size, size)));
  const left = count * (size + GAP) + 4;
  placeCharts(row, left, top, width - left, TITLE + size, 2);
  return y + size;
}

// All panels side by side, the charts in one line below.
function mediumRow(row, width, top, kinds) {
  const size = Math.floor(Math.min(320, (width - (kinds.length - 1) * GAP) / kinds.length));
  const y = top + TITLE;
  kinds.forEach((kind, i) => row.panels.push(box(kind, i * (size + GAP), y, size, size)));
  const charts = y + size + 10;
  placeCharts(row, 0, charts, width, 92, 4);
  return charts + 92;
}

// For a phone: the first panel over the whole width, the others two by two (an odd last one alone), then the charts.
function narrowRow(row, width, top, kinds) {
  const half = Math.floor((width - GAP) / 2);
  let y = top;
  for (let i = 0; i < kinds.length; ) {
    const pair = i > 0 && i + 1 < kinds.length;
    const size = pair ? half : Math.floor(0.78 * width);
    row.panels.push(box(kinds[i], 0, y + TITLE, pair ? half : width, size));
    if (pair) row.panels.push(box(kinds[i + 1], half + GAP, y + TITLE, half, half));
    i += pair ? 2 : 1;
    y += TITLE + size + 4;
  }
  placeCharts(row, 0, y + 6, width, 176, 2);
  return y + 6 + 176;
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
