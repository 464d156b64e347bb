// A curve that changes faster than pixels is a band and the line of its mean; any other is drawn through all its spots.

import assert from "node:assert/strict";
import { test } from "node:test";

import { enveloped } from "../../app/frontend/stage/envelope.js";

const spots = (count, height, wide = 100) =>
  Array.from({ length: count }, (_, i) => ({ x: (wide * i) / (count - 1), y: height(i) }));

test("a curve without haste is drawn as it is, steep or not", () => {
  for (const height of [(i) => i, (i) => 50 / (1 + i), (i) => (i < 200 ? 0 : 60), () => 5]) {
    const curve = spots(400, height);
    assert.deepEqual(enveloped(curve), { line: curve, bands: [] });
  }
  const slow = spots(30, (i) => 40 * (i % 2)); // every spot a column of its own
  assert.deepEqual(enveloped(slow), { line: slow, bands: [] });
});

test("a barcode becomes a band from its lowest to its highest spot, over its whole width, and the line of its mean", () => {
  const { line, bands } = enveloped(spots(400, (i) => 10 + 40 * (i % 2)));
  assert.equal(bands[0].from, 0);
  for (const [i, band] of bands.entries()) {
    assert.deepEqual([band.top, band.bottom], [10, 50]);
    if (i) assert.equal(band.from, bands[i - 1].to);
  }
  assert.ok(bands.at(-1).to > 97);
  for (const { y } of line.slice(0, -1)) assert.ok(Math.abs(y - 30) <= 4);
  assert.ok(line.length < 40);
});

test("no spot is outside of the band of its column", () => {
  const curve = spots(400, (i) => 40 * Math.abs(Math.sin(7 * i * i)));
  const { line, bands } = enveloped(curve);
  for (const { x, y } of curve) {
    const band = bands.find((one) => one.from <= x && x < one.to);
    if (band) assert.ok(band.top <= y && y <= band.bottom);
    else assert.ok(line.some((one) => one.x === x && one.y === y) || x === 100);
  }
  assert.ok(bands.length > 20);
});

test("nothing to draw is nothing drawn", () => {
  assert.deepEqual(enveloped([]), { line: [], bands: [] });
});
