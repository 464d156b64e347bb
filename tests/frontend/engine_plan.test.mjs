import assert from "node:assert/strict";
import { test } from "node:test";

import { chosenWith, kernelNames } from "../../app/frontend/engine/plan.js";

const recipe = {
  chosen: { lr: 0.01, m: 6 },
  defaults: { lr: 0.003, m: -1, d: 2, preferences: [0.5, 0.5], seed: 0 },
  fits: { d: { 4: { m: null }, 6: { m: 4 } } },
};

test("live values lie over what is chosen", () => {
  assert.deepEqual(chosenWith(recipe, { seed: 3 }), { lr: 0.01, m: 6, seed: 3 });
  assert.deepEqual(recipe.chosen, { lr: 0.01, m: 6 });
});

test("a value that is the default is no choice, lists too", () => {
  assert.deepEqual(chosenWith(recipe, { lr: 0.003, preferences: [0.5, 0.5] }), { m: 6 });
});

test("what no longer fits another dimension gives way, unless the hand holds it as well", () => {
  assert.deepEqual(chosenWith(recipe, { d: 4 }), { lr: 0.01, d: 4 });
  assert.deepEqual(chosenWith(recipe, { d: 6 }), { lr: 0.01, d: 6, m: 4 });
  assert.deepEqual(chosenWith(recipe, { d: 4, m: 2 }), { lr: 0.01, d: 4, m: 2 });
});

test("a recipe's kernels are its problem's, its rules', those within them, and its transforms'", () => {
  const facts = { kernels: { loss: "problem:p:loss", pair_excess: null } };
  const methods = [
    { rule: "modifier:unit", hp: [{ at: "rule:r" }, 1, { field: "x", own: [2] }], transform: null },
    { rule: "rule:r", hp: [], transform: "transform:t" },
  ];
  assert.deepEqual(kernelNames({ methods }, facts), [
    "problem:p:loss", "modifier:unit", "rule:r", "rule:r",
    "transform:t:learn", "transform:t:extent", "transform:t:begin",
  ]);
});
