// How numbers, powers and ranges are written and found on the stage.

import assert from "node:assert/strict";
import { test } from "node:test";

import { decades, power } from "../../app/frontend/stage/curves.js";
import { boxFit, held, holds, place, pointAt, squareFit } from "../../app/frontend/stage/fit.js";
import { grouped, number, short, signed } from "../../app/frontend/stage/numbers.js";
import { chartRanges, frameMap, nearest } from "../../app/frontend/stage/ranges.js";
import { CAPPED, VANISHED, valueAt, whyNot } from "../../app/frontend/stage/readings.js";
import { seen, unseen, viewAt } from "../../app/frontend/stage/views.js";

const PANEL = { kind: "z", x: 10, y: 20, w: 200, h: 100 };

test("a number takes at most five characters, and its value is near", () => {
  for (let exponent = -7; exponent < 12; exponent++)
    for (const digits of [1, 1.2345, 9.4]) {
      const value = digits * 10 ** exponent;
      const text = number(value);
      assert.ok(text.length <= 5, text);
      const read = Number(text.replace("−", "-"));
      assert.ok(Math.abs(read - value) <= 0.5 * value, `${value} ${text}`);
    }
  assert.equal(number(1e-8), "0");
  assert.equal(number(0.00012), "1e−4");
});

test("signs, groups and thousands", () => {
  assert.equal(signed(-0.5), "−0.50");
  assert.equal(signed(2, 0), "2");
  assert.deepEqual([999, 1000, 35000, 1234567].map(grouped), ["999", "1,000", "35,000", "1,234,567"]);
  assert.deepEqual([9000, 10000, 35000, 10500].map(short), ["9,000", "10k", "35k", "10,500"]);
});

test("powers of ten are raised, and of a range the outermost are marked", () => {
  assert.deepEqual([0, 1, -3, 12].map(power), ["1", "10", "10⁻³", "10¹²"]);
  assert.deepEqual(decades(-2.5, 1.2), [-2, 1]);
  assert.deepEqual(decades(-0.3, 0.3).map(power), ["1"]);
  assert.deepEqual(decades(0.2, 0.9), [1]);
});

test("a point that is placed is found again, in a square and in a box", () => {
  for (const fit of [squareFit(PANEL, [1, -2, 3]), boxFit(PANEL, [-1, 4, 0, 50])])
    for (const [x, y] of [[0, 0], [1.5, -2.5], [-0.5, 30]]) {
      const [back, up] = pointAt(fit, ...place(fit, x, y));
      assert.ok(Math.abs(back - x) < 1e-12 && Math.abs(up - y) < 1e-12);
    }
});

test("a square's centre is the panel's, and up is up", () => {
  const fit = squareFit(PANEL, [1, -2, 3]);
  assert.deepEqual(place(fit, 1, -2), [110, 70]);
  assert.ok(place(fit, 1, 0)[1] < 70);
  const box = boxFit(PANEL, [-1, 4, 0, 50]);
  assert.deepEqual(place(box, -1, 0), [10, 120]);
  assert.deepEqual(place(box, 4, 50), [210, 20]);
});

test("a mark that leaves the panel is held at its edge", () => {
  assert.deepEqual(held(PANEL, 50, 60), [50, 60]);
  assert.deepEqual(held(PANEL, -1e9, 1e9, 4), [14, 116]);
  assert.ok(holds(PANEL, { x: 10, y: 120 }));
  assert.ok(!holds(PANEL, { x: 9, y: 60 }) && !holds(PANEL, { x: 60, y: 121 }));
});

test("of the steps of a clock each is the last of a run that is not later", () => {
  const [clock, steps] = [Int32Array.of(0, 10, 20, 30, 40), Int32Array.of(0, 15, 30)];
  assert.deepEqual([...frameMap(clock, steps)], [0, 0, 1, 2, 2]);
  assert.deepEqual([-5, 7, 8, 14, 99].map((step) => nearest(Int32Array.of(0, 15, 30), step)), [0, 0, 1, 1, 2]);
});

test("one range a chart holds every run's values, but for what diverges", () => {
  const calm = { excess: [Float32Array.of(0, -3)], ratio: Float32Array.of(0, 0.1), condition: Float32Array.of(0, 4) };
  const wild = { excess: [Float32Array.of(0.5, 30)], ratio: Float32Array.of(-2, 0), condition: Float32Array.of(1, 2) };
  const ranges = chartRanges([{ paths: [calm] }, { paths: [wild] }], [1e-4], 0);
  assert.deepEqual(ranges.cosine, [-1, 1]);
  assert.ok(Math.abs(ranges.losses[0] + 2.9) < 1e-9); // at most five decades
  assert.ok(Math.abs(ranges.losses[1] - 2.1) < 1e-9); // one and a half above the start
  assert.ok(Math.abs(ranges.ratio[0] + 2) < 1e-6 && ranges.ratio[1] === 0.3);
  assert.deepEqual(ranges.condition, [0, 4]);
  assert.deepEqual(chartRanges([], null, 0).condition, [0, 1]);
});

test("what a task sees is taken back to where it was", () => {
  const view = [0, 2, -1, 1, 5, -3].map((value) => Float32Array.of(value));
  const path = { x: Float32Array.of(1.5), y: Float32Array.of(-0.5), view };
  const back = unseen(viewAt(path, 0, 0));
  const { x, y } = seen(path, 0);
  assert.deepEqual([x[0], y[0]], [4, -5]);
  assert.deepEqual([back.a * x[0] + back.c * y[0] + back.e, back.b * x[0] + back.d * y[0] + back.f], [1.5, -0.5]);
  assert.equal(unseen([1, 2, 2, 4, 0, 0]), null);
  assert.deepEqual(viewAt({ view: null }, 3, 7), [1, 0, 0, 1, 0, 0]);
});

test("a value that says nothing is a dash, one that cannot be told is a bound, and both say why", () => {
  const path = {
    cosine: Float32Array.of(-0.25, 0), ratio: Float32Array.of(1, 0), condition: Float32Array.of(12, 0),
    vanished: Uint8Array.of(0, 1), capped: Uint8Array.of(1, 0),
  };
  assert.deepEqual(["cosine", "ratio", "condition"].map((kind) => valueAt(kind, path, 0)), ["−0.25", "10.0", "≥ 1.0e12"]);
  assert.equal(valueAt("ratio", path, 1), "–");
  assert.deepEqual(["losses", "cosine", "condition"].map((kind) => whyNot(kind, path, 0)), ["", "", CAPPED]);
  assert.deepEqual(["losses", "cosine"].map((kind) => whyNot(kind, path, 1)), ["", VANISHED]);
  const plain = { vanished: Uint8Array.of(0), capped: Uint8Array.of(0) };
  assert.deepEqual(["losses", "cosine", "condition"].map((kind) => whyNot(kind, plain, 0)), ["", "", ""]);
});
