// Where things lie in the plane of the workbench, and how numbers read: what it computes without a page.

import assert from "node:assert/strict";
import { test } from "node:test";

import { arrowPaths, extentOf, held, pixelOf, placed, pointAt } from "../../app/frontend/workbench/geometry.js";
import { lookOf } from "../../app/frontend/workbench/looks.js";
import { angleText, effectOf, numberText, vectorText } from "../../app/frontend/workbench/words.js";

test("a pixel leads back to its point, inside the plane", () => {
  const frame = { size: 600, extent: 1.5 };
  for (const point of [[0, 0], [1.2, -0.75], [-1.5, 1.5]]) assert.deepEqual(pointAt(frame, pixelOf(frame, point)), point);
  assert.deepEqual(pointAt(frame, [-50, 900]), [-1.5, -1.5]);
  assert.ok(Object.is(held(-0.001, 1), 0));
});

test("the plane reaches beyond every gradient that it takes", () => {
  for (const size of [320, 600])
    for (const far of [0.01, 0.4, 1, 2.49, 9]) {
      const extent = extentOf([[far, 0], [0, -far / 2]], size);
      assert.ok(pixelOf({ size, extent }, [far, 0])[0] <= size - 50);
    }
  assert.ok(extentOf([[1, 1]], 600) < 2);
});

test("an arrow ends at its tip and one of no length is a dot", () => {
  assert.match(arrowPaths([0, 0], [100, 0], 5).head, /^M100.0,0.0L/);
  assert.equal(arrowPaths([10, 10], [10, 10.5], 5).shaft, "");
});

test("no label lies on another, and an arrow without room has none", () => {
  const labels = [[400, 300], [402, 303], [398, 305], [400, 302], [399, 301], [310, 300]].map((tip) => ({ tip, width: 80 }));
  const found = placed(labels, 600);
  assert.equal(found[5], null);
  const rows = found.filter((one) => one !== null).map(({ y }) => y).sort((a, b) => a - b);
  assert.ok(rows.length >= 2 && rows.length < 5);
  rows.slice(1).forEach((y, i) => assert.ok(y - rows[i] >= 20));
});

test("a label at the edge stands inside the plane", () => {
  const [left, right] = placed([{ tip: [5, 100], width: 90 }, { tip: [595, 400], width: 90 }], 600);
  assert.ok(left.anchor === "start" && left.x >= 4);
  assert.ok(right.anchor === "end" && right.x <= 596);
});

test("ten methods look like ten, and like no task", () => {
  const theme = { methods: ["t1", "t2", "a", "b", "c", "d"] };
  const looks = Array.from({ length: 10 }, (_, i) => JSON.stringify(lookOf(theme, i)));
  assert.equal(new Set(looks).size, 10);
  assert.ok(!looks.some((look) => look.includes("t1") || look.includes("t2")));
});

test("numbers read as they are written in a formula", () => {
  assert.equal(numberText(-0.25), "−0.250");
  assert.equal(numberText(-1e-14), "0.000");
  assert.equal(numberText(0.00001234), "1.2e−5");
  assert.equal(numberText(12345), "1.2e4");
  assert.equal(numberText(NaN), "–");
  assert.equal(vectorText([1, -0.5]), "(1.00, −0.50)");
  assert.equal(angleText(-12.34), "−12.3°");
});

test("what an update does to a task is said with how often, where it is drawn", () => {
  assert.deepEqual(effectOf([1]), { mark: "▲", words: "helped", share: "" });
  assert.equal(effectOf([-1, 1, 1, 0]).share, "2/4");
  assert.match(effectOf([-1, 1, 1, 0]).words, /hurt; helped in 2 of 4 draws/);
});
