// Where panels and charts stand: nothing overlaps, nothing is too small, whatever the width.

import assert from "node:assert/strict";
import { test } from "node:test";

import { chartUnder, fitChart, frameUnder, isNarrow, plotBox } from "../../app/frontend/stage/charts.js";
import { makeLayout, planFor, taskOf } from "../../app/frontend/stage/layout.js";
import { LECTURE, zoomFor } from "../../app/frontend/stage/measures.js";

const KINDS = { two: ["z", "r0", "r1"], flat: ["z", "objective"], five: ["z", "r0", "r1", "r2", "r3", "r4"] };
const WIDTHS = [320, 358, 459, 460, 700, 940, 1240, 1880, 2500];

const apart = (a, b) => a.x + a.w <= b.x + 0.01 || b.x + b.w <= a.x + 0.01 || a.y + a.h <= b.y + 0.01 || b.y + b.h <= a.y + 0.01;

for (const [name, kinds] of Object.entries(KINDS))
  for (const methods of [1, 2, 4, 7])
    test(`${methods} methods of ${name} panels stand apart from each other at every width`, () => {
      for (const width of WIDTHS) {
        const plan = planFor(width, kinds.length, methods, 800, 60);
        const { rows, height } = makeLayout(plan, kinds, Array.from({ length: methods }, (_, i) => 40 + 10 * (i % 3)));
        assert.equal(rows.length, methods);
        const boxes = rows.flatMap(({ head, panels, charts }) => [{ ...head, h: 40 }, ...panels, ...charts]);
        for (const [i, box] of boxes.entries()) {
          assert.ok(box.x >= 0 && box.x + box.w <= width + 0.01, `${width}: ${JSON.stringify(box)}`);
          assert.ok(box.y >= 0 && box.y + box.h <= height + 0.01, `${width}: ${JSON.stringify(box)}`);
          for (const other of boxes.slice(i + 1)) assert.ok(apart(box, other), `${width}: ${JSON.stringify([box, other])}`);
        }
        for (const { panels, charts } of rows) {
          assert.deepEqual(panels.map((panel) => panel.kind), kinds);
          assert.deepEqual(charts.map((chart) => chart.kind), ["losses", "cosine", "ratio", "condition"]);
          for (const panel of panels) assert.ok(Math.min(panel.w, panel.h) >= 120 || width < 460);
          for (const chart of charts) assert.ok(plotBox(chart).w > 60 && plotBox(chart).h > 30);
        }
      }
    });

test("in front of a class the smallest type is 24 pixels high at 1080p, and the same share of every larger screen", () => {
  assert.ok(Math.abs(zoomFor(1920, 1080) * LECTURE.marks - 24) < 1e-9);
  assert.ok(Math.abs(zoomFor(3840, 2160) * LECTURE.marks - 48) < 1e-9);
  assert.ok(zoomFor(3840, 1080) === zoomFor(1920, 1080) && zoomFor(390, 844) === 1);
});

const ROOM = { width: Math.floor(1872 / zoomFor(1920, 1080)), height: 870 / zoomFor(1920, 1080) }; // two lines of legend

for (const [name, kinds] of Object.entries(KINDS))
  for (const methods of [1, 2, 3, 4])
    test(`in front of a class ${methods} methods of ${name} panels are on one screen, and legible`, () => {
      const plan = planFor(ROOM.width, kinds.length, methods, ROOM.height, 40, LECTURE);
      const { rows, height } = makeLayout(plan, kinds, Array(methods).fill(40), LECTURE);
      assert.ok(height <= ROOM.height + 4 && plan.fits, `${height} of ${ROOM.height}`);
      if (methods === 4) assert.equal(plan.columns, 2);
      const boxes = rows.flatMap(({ head, panels, charts }) => [{ ...head, h: 40 }, ...panels, ...charts]);
      for (const [i, box] of boxes.entries()) {
        assert.ok(box.x >= 0 && box.x + box.w <= ROOM.width + 0.01 && box.y >= 0 && box.y + box.h <= height + 0.01);
        for (const other of boxes.slice(i + 1)) assert.ok(apart(box, other), JSON.stringify([box, other]));
      }
      for (const { panels, charts } of rows) {
        for (const panel of panels) assert.ok(panel.w >= (kinds.length > 4 ? 50 : 110), `${panel.w}`);
        assert.ok(charts.length >= 2 && charts[0].kind === "losses");
        for (const chart of charts) assert.ok(plotBox(chart).w >= 110 && plotBox(chart).h >= 30, JSON.stringify(chart));
      }
    });

test("a wider window never has smaller panels", () => {
  let before = 0;
  for (let width = 460; width < 2500; width += 20) {
    const plan = planFor(width, 3, 1, 800, 60);
    if (plan.charts === "phone") continue;
    assert.ok(plan.size >= 0.7 * before, `${width}: ${plan.size} after ${before}`);
    before = plan.size;
  }
  assert.ok(before > 300);
});

test("a panel's kind names its task", () => {
  assert.deepEqual(["z", "objective", "r0", "r4"].map(taskOf), [-1, -1, 0, 4]);
});

const CHART = { kind: "ratio", x: 100, y: 50, w: 260, h: 120, marks: 12 };
const SCENE = { steps: Int32Array.of(0, 50, 100), frames: 3, frameAt: (step) => Math.round(step / 50) };
const RANGES = { losses: [0, 1], cosine: [-1, 1], ratio: [-2, 3], condition: [0, 1], lag: [0, 1] };

test("a chart's range fills its plot, the first step at the left and the last at the right", () => {
  const [fit, box] = [fitChart(CHART, SCENE, RANGES), plotBox(CHART)];
  const [low, high] = [fit.my - 2 * fit.sy, fit.my + 3 * fit.sy];
  assert.ok(Math.abs(low - (box.y + box.h - 4)) < 1e-9 && Math.abs(high - (box.y + 4)) < 1e-9);
  assert.deepEqual([fit.mx, fit.mx + 100 * fit.sx], [box.x + 5, box.x + box.w - 5]);
});

test("a narrow chart keeps a line for its values", () => {
  const narrow = { ...CHART, w: 130 };
  assert.ok(isNarrow(narrow) && !isNarrow(CHART));
  assert.ok(plotBox(narrow).h < plotBox(CHART).h);
});

test("the chart under a spot is found, and the step there", () => {
  const layout = { height: 400, rows: [{ head: { x: 0, y: 0, w: 9 }, panels: [], charts: [] }, { head: { x: 0, y: 0, w: 9 }, panels: [], charts: [CHART] }] };
  assert.deepEqual(chartUnder(layout, { x: 200, y: 100 }), { run: 1, chart: CHART });
  assert.equal(chartUnder(layout, { x: 99, y: 100 }), null);
  const { mx, sx } = fitChart(CHART, SCENE, RANGES);
  assert.equal(frameUnder(CHART, SCENE, RANGES, { x: mx + 60 * sx }), 1);
});
