// The small curves beside each row, on the same clock. Two layers are drawn once, the whole curves faint and the
// whole curves bright; each frame shows the bright one up to now.

const TITLES = { losses: "excess losses", cosine: "cosine", ratio: "norm ratio", condition: "condition" };
const SHORT = { losses: "loss" };
const HEAD = 22;

function plotBox(chart) {
  return { x: chart.x, y: chart.y + HEAD, w: chart.w, h: chart.h - HEAD };
}

function fitChart(chart, run, scene) {
  const [low, high] = scene.ranges[chart.kind];
  const box = plotBox(chart);
  const last = Math.max(1, scene.steps[scene.frames - 1]);
  const sx = (box.w - 10) / last;
  const sy = -(box.h - 8) / (high - low);
  return { sx, sy, mx: box.x + 5, my: box.y + box.h - 4 - low * sy };
}

function rowsOf(chart, path, theme) {
  if (chart.kind === "losses") return path.excess.map((row, task) => [row, theme.tasks[task]]);
  return [[path[chart.kind], theme.ink]];
}

// A value beyond the chart's range, on its edge.
function bounded(chart, scene, value) {
  const [low, high] = scene.ranges[chart.kind];
  return Math.min(high, Math.max(low, value));
}

export function drawChartStill(context, chart, scene, run, active, theme, bright) {
  const box = plotBox(chart);
  const fit = fitChart(chart, run, scene);
  context.font = `14px ${theme.font}`;
  context.textAlign = "left";
  context.textBaseline = "alphabetic";
  context.fillStyle = theme.muted;
  const title = TITLES[chart.kind];
  context.fillText(box.w < 190 ? SHORT[chart.kind] ?? title : title, box.x + 1, box.y - 7);
  context.fillStyle = theme.surface;
  context.beginPath();
  context.roundRect(box.x, box.y, box.w, box.h, 5);
  context.fill();
  drawGuide(context, chart, scene, box, fit, theme);
  context.lineWidth = bright ? 2.5 : 1.5;
  context.lineJoin = "round";
  context.globalAlpha = bright ? 1 : 0.3;
  for (const [row, colour] of rowsOf(chart, run.paths[active], theme)) {
    context.strokeStyle = colour;
    context.beginPath();
    row.forEach((value, i) => context.lineTo(fit.mx + run.steps[i] * fit.sx, fit.my + bounded(chart, scene, value) * fit.sy));
    context.stroke();
  }
  context.globalAlpha = 1;
}

// The line that gives a chart its meaning: solved (one a task where they differ), orthogonal, equal norms.
function drawGuide(context, chart, scene, box, fit, theme) {
  const solved = (scene.guide ?? []).map(Math.log10);
  const guides = { losses: solved, cosine: [0], ratio: [0], condition: [0] }[chart.kind];
  context.setLineDash([3, 4]);
  context.lineWidth = 1;
  guides.forEach((guide, task) => {
    const y = Math.round(fit.my + guide * fit.sy) + 0.5;
    context.strokeStyle = guides.length > 1 ? theme.tasks[task] : chart.kind === "losses" ? theme.front_text : theme.muted;
    context.beginPath();
    context.moveTo(box.x + 2, y);
    context.lineTo(box.x + box.w - 2, y);
    context.stroke();
  });
  context.setLineDash([]);
}

export function drawChartMoving(context, chart, scene, run, frame, active, bright, ratio, theme) {
  const box = plotBox(chart);
  const fit = fitChart(chart, run, scene);
  const x = fit.mx + run.steps[frame] * fit.sx;
  const [left, top] = [Math.round(box.x * ratio), Math.round(box.y * ratio)];
  const [wide, high] = [Math.round(x * ratio) - left, Math.round(box.h * ratio)];
  if (wide > 0) context.drawImage(bright, left, top, wide, high, left / ratio, top / ratio, wide / ratio, high / ratio);
  context.lineWidth = 1;
  context.strokeStyle = theme.muted;
  context.beginPath();
  context.moveTo(Math.round(x) + 0.5, box.y + 2);
  context.lineTo(Math.round(x) + 0.5, box.y + box.h - 2);
  context.stroke();
  for (const [row, colour] of rowsOf(chart, run.paths[active], theme))
    dot(context, x, fit.my + bounded(chart, scene, row[frame]) * fit.sy, 3.5, colour, theme.surface);
  drawValues(context, chart, run.paths[active], frame, box, theme);
}

function drawValues(context, chart, path, frame, box, theme) {
  context.font = `600 14px ${theme.font}`;
  context.textAlign = "right";
  let right = box.x + box.w - 1;
  const values =
    chart.kind === "losses"
      ? path.excess.map((row, task) => [number(10 ** row[frame]), theme.task_text[task]]).reverse()
      : [[chart.kind === "cosine" ? signed(path.cosine[frame]) : number(10 ** path[chart.kind][frame]), theme.ink]];
  for (const [text, colour] of values) {
    context.fillStyle = colour;
    context.fillText(text, right, box.y - 7);
    right -= context.measureText(text).width + 8;
  }
}

export function signed(value) {
  return (value < 0 ? "−" : "") + Math.abs(value).toFixed(2);
}

// A number in at most five characters; what lies on the floor of the logarithmic axis is 0.
export function number(value) {
  if (value < 1.1e-8) return "0";
  if (value >= 1e4 || (value > 0 && value < 1e-3)) {
    const [digits, power] = value.toExponential(0).split("e");
    return `${digits}e${Number(power)}`.replace("-", "−");
  }
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value >= 0.1 ? value.toFixed(2) : value.toFixed(3);
}
