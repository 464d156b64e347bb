// The words of a construction's step, with its numbers in their places.

import assert from "node:assert/strict";
import { test } from "node:test";

import { filled } from "../../app/frontend/workbench/construct.js";

test("every kind of place takes its own numbers", () => {
  const numbers = [0, 2, -0.5, 1.25, 3, 0.125, 4];
  assert.equal(filled("Task {0t} meets {1t}: {0g} {1g}", numbers, 3), "Task 1 meets 3: g₁ g₃");
  assert.equal(filled("{2} {2v} {1i}", numbers, 3), "−0.50 (−0.50, 1.25) 2");
  assert.equal(filled("{3w}", numbers, 3), "1.25, 3.00, 0.13");
  assert.equal(filled("nothing", numbers, 2), "nothing");
});
