// Stops, shares and who owns a value: what the controls compute without a page.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Exchange } from "../../app/frontend/live/exchange.js";
import { fitted, lettersOf, numberIn, placeOf, stopsOf, textOf } from "../../app/frontend/live/scale.js";
import { shared } from "../../app/frontend/live/shares.js";

const RATE = { key: "lr_rot", label: "Rate", kind: "float", default: 0.1, low: 0, high: 10, scale: "log", first: 1e-5 };
const COUNT = { key: "steps", label: "Steps", kind: "int", default: 400, low: 1, high: 5000, scale: "log", first: 1 };
const EVEN = { key: "s", label: "Balance", kind: "float", default: 0.5, low: 0.02, high: 0.98, step: 0.01 };
const DIM = { key: "d", label: "d", kind: "int", default: 2, low: 2, high: 6, stops: [2, 4, 6] };
const BLOCK = { key: "b", label: "b", kind: "int", default: 1, by: ["d"], takes: { 2: [1, 2], 4: [1, 2, 4], 6: [1, 2, 3, 6] } };
const takes = { "2,1": [0, 1, -1], "4,1": [0, 1, 2, 3, -1], "4,2": [0, 2, -1], "6,3": [0, 3, -1] };
const SIZE = { key: "m", label: "m", kind: "int", default: -1, by: ["d", "b"], takes, whole: -1 };

for (const spec of [RATE, COUNT, EVEN])
  test(`the stops of ${spec.key} ascend from end to end and hold the default`, () => {
    const stops = stopsOf(spec, {});
    assert.deepEqual(stops, [...new Set(stops)].sort((a, b) => a - b));
    assert.equal(stops[0], spec.low);
    assert.equal(stops.at(-1), spec.high);
    assert.ok(stops.includes(spec.default));
    if (spec.kind === "int") assert.ok(stops.every(Number.isInteger));
  });

test("a logarithmic range is fine, and round numbers can be hit", () => {
  const stops = stopsOf(RATE, {});
  for (let decade = -5; decade < 1; decade++)
    for (const mantissa of [1, 2, 3, 5]) assert.ok(stops.includes(Number(`${mantissa}e${decade}`)));
  stops.slice(2).forEach((stop, i) => assert.ok(stop / stops[i + 1] < 1.16));
  assert.equal(stops.length, 146);
});

test("an even range stops where Python writes the same numbers", () => {
  assert.equal(stopsOf(EVEN, {}).length, 97);
  for (const stop of stopsOf(EVEN, {})) assert.ok(String(stop).length <= 4);
});

test("a value between two stops stands at the nearer one", () => {
  assert.equal(placeOf([0, 1, 2, 5], 1.4), 1);
  assert.equal(placeOf([0, 1, 2, 5], 4), 3);
  assert.equal(placeOf([0, 1, -1], -1), 2);
});

test("a typed text is exactly its number, or none of the field's", () => {
  assert.equal(numberIn(RATE, " 0.0123456789 ", {}), 0.0123456789);
  for (const text of ["", "fast", "-1", "11", "1e999", "NaN"]) assert.equal(numberIn(RATE, text, {}), null);
  assert.equal(numberIn(COUNT, "401", {}), 401);
  assert.equal(numberIn(COUNT, "401.5", {}), null);
  assert.equal(numberIn(DIM, "3", {}), null);
});

test("all of the dimensions is one size, and is shown as how many they are", () => {
  const values = { d: 4, b: 1 };
  assert.equal(numberIn(SIZE, "4", values), -1);
  assert.equal(numberIn(SIZE, "3", values), 3);
  assert.equal(numberIn(SIZE, "5", values), null);
  assert.equal(textOf(SIZE, -1, values), "4");
  assert.equal(textOf(SIZE, 2, values), "2");
});

test("what does not fit any more falls back, and comes again when it fits", () => {
  const specs = [SIZE, DIM, BLOCK];
  const chosen = { d: 6, b: 3, m: 3 };
  assert.deepEqual(fitted(specs, chosen), chosen);
  assert.deepEqual(fitted(specs, { ...chosen, d: 4 }), { d: 4, b: 1, m: 3 });
  assert.deepEqual(fitted(specs, { ...chosen, d: 2 }), { d: 2, b: 1, m: -1 });
  assert.deepEqual(fitted(specs, { d: 4, b: 2, m: 3 }), { d: 4, b: 2, m: -1 });
});

for (const before of [[0.5, 0.5], [0.8, 0.2], [1 / 3, 1 / 3, 1 / 3], [0.7, 0.2, 0.1], [0.97, 0.01, 0.01, 0.01]])
  for (const total of [1, before.length])
    for (const least of [0, 0.01])
      test(`shares of ${total} keep their sum: ${before}, at least ${least}`, () => {
        const shares = before.map((share) => share * total);
        for (const part of [0, 0.01, 0.3, 0.8, 0.99, 1])
          for (let which = 0; which < shares.length; which++) {
            const moved = shared(shares, which, part * total, total, least);
            const most = total - least * (shares.length - 1);
            assert.ok(Math.abs(moved.reduce((sum, share) => sum + share, 0) - total) < 1e-12);
            assert.ok(Math.min(...moved) >= least);
            assert.ok(Math.abs(moved[which] - Math.min(Math.max(part * total, least), most)) < 1e-12);
          }
      });

test("the others have the rest as they had it before", () => {
  assert.deepEqual(shared([0.5, 0.5], 0, 0.8, 1, 0.01), [0.8, 0.2]);
  assert.deepEqual(shared([0.6, 0.3, 0.1], 0, 0.2, 1, 0.01), [0.2, 0.6, 0.2]);
  assert.deepEqual(shared([1, 0, 0], 0, 0.5, 1, 0), [0.5, 0.25, 0.25]);
});

test("what the server says holds, but for what a hand holds", () => {
  const exchange = new Exchange("me");
  exchange.hear("", { lr: 1, d: 2 });
  exchange.hold("lr", 3);
  exchange.hear("", { lr: 2, d: 4 });
  assert.deepEqual(exchange.values, { lr: 3, d: 4 });
  assert.deepEqual(exchange.news, { lr: 3 });
});

test("a second change is not undone by the answer to the first", () => {
  const exchange = new Exchange("me");
  exchange.hear("", { lr: 1, d: 2 });
  exchange.hold("lr", 3);
  const first = exchange.release("lr");
  exchange.hold("lr", 5);
  exchange.hear(first.id, { lr: 3, d: 2 });
  assert.equal(exchange.values.lr, 5);
  const second = exchange.release("lr");
  assert.deepEqual(second.values, { lr: 5 });
  exchange.hear(first.id, { lr: 3, d: 2 }); // a late answer
  assert.equal(exchange.values.lr, 5);
  exchange.hear(second.id, { lr: 5, d: 2 });
  assert.deepEqual(exchange.news, {});
  exchange.hear(second.id, { lr: 9, d: 2 }); // a preset, a typed link, the back button
  assert.equal(exchange.values.lr, 9);
});

test("what is not answered yet is told again with what follows, in the order of the changes", () => {
  const exchange = new Exchange("me");
  exchange.hear("", { lr: 1, d: 2, m: 1 });
  for (const [key, value] of [["m", 2], ["d", 4], ["m", 3]]) exchange.hold(key, value);
  exchange.release("d");
  const change = exchange.release("m");
  assert.deepEqual(Object.entries(change.values), [["d", 4], ["m", 3]]);
  exchange.hear("me-1", { lr: 1, d: 4, m: 1 });
  assert.deepEqual(exchange.news, { m: 3 });
});

test("a refused text leaves what the server says", () => {
  const exchange = new Exchange("me");
  exchange.hear("", { lr: 1 });
  const change = exchange.tell("lr", "fast");
  assert.deepEqual(change.values, { lr: "fast" });
  assert.deepEqual(exchange.news, { lr: 1 });
  exchange.hear(change.id, { lr: 1 });
  assert.deepEqual([exchange.values, exchange.news], [{ lr: 1 }, {}]);
});

test("a hand that returns to where it began has changed nothing", () => {
  const exchange = new Exchange("me");
  exchange.hear("", { shares: [0.5, 0.5] });
  exchange.hold("shares", [0.8, 0.2]);
  exchange.hold("shares", [0.5, 0.5]);
  assert.equal(exchange.release("shares"), null);
  assert.deepEqual(exchange.news, {});
});

test("a server that began anew is told again what it does not know", () => {
  const exchange = new Exchange("me");
  exchange.hear("", { lr: 1 });
  exchange.hold("lr", 2);
  exchange.release("lr");
  assert.equal(exchange.hear("", { lr: 1 }), true);
  assert.deepEqual(exchange.again().values, { lr: 2 });
  assert.equal(exchange.hear("me-1", { lr: 2 }), false);
  assert.equal(exchange.hear("another-1", { lr: 7 }), false);
  assert.equal(exchange.values.lr, 7);
});

test("small numbers are written by their power of ten, and every stop fits the box", () => {
  const rate = { key: "lr", label: "Rate", kind: "float", scale: "log", low: 0, first: 1e-6, high: 1, default: 0.01 };
  assert.equal(textOf(rate, 2.5e-5, {}), "2.5e-5");
  assert.equal(textOf(rate, 0.001, {}), "0.001");
  assert.equal(textOf(rate, 0, {}), "0");
  for (const stop of stopsOf(rate, {})) {
    assert.equal(Number(textOf(rate, stop, {})), stop);
    assert.ok(textOf(rate, stop, {}).length <= lettersOf(rate, {}));
  }
  assert.equal(lettersOf(rate, {}), 6);
});
