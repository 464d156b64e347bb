// What stands in a component's element outlives a call that another has overtaken, and nothing else does.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Standing } from "../../app/frontend/standing.js";

/** An element as far as this needs one. */
function place() {
  const children = [];
  return { isConnected: true, children, contains: (node) => children.includes(node) };
}

function kept() {
  const ended = [];
  const standing = new Standing((parent) => {
    const thing = { root: {}, destroy: () => ended.push(thing) };
    parent.children.push(thing.root);
    return thing;
  });
  return { standing, ended };
}

test("one thing stands in an element through all calls, another in another element", () => {
  const { standing } = kept();
  const [one, other] = [place(), place()];
  const thing = standing.in(one);
  assert.equal(standing.in(one), thing);
  assert.notEqual(standing.in(other), thing);
  assert.equal(one.children.length, 1);
});

test("a call that was overtaken ends nothing while the element stands", () => {
  const { standing, ended } = kept();
  const one = place();
  const thing = standing.in(one);
  standing.leaving(one)();
  assert.deepEqual(ended, []);
  assert.equal(standing.in(one), thing);
});

test("what has left the page is ended, once", () => {
  const { standing, ended } = kept();
  const one = place();
  const thing = standing.in(one);
  const leave = standing.leaving(one);
  one.isConnected = false;
  leave();
  leave();
  assert.deepEqual(ended, [thing]);
  one.isConnected = true; // it may come again
  assert.notEqual(standing.in(one), thing);
});

test("where something else was put into the element, a new thing stands in it and the old one is ended", () => {
  const { standing, ended } = kept();
  const one = place();
  const thing = standing.in(one);
  one.children.length = 0;
  assert.notEqual(standing.in(one), thing);
  assert.deepEqual(ended, [thing]);
});
