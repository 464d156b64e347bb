// In front of a class a key does what the list says, and nothing where it is someone else's.

import assert from "node:assert/strict";
import { test } from "node:test";

import { KEYS, actOf } from "../../app/frontend/present/keys.js";

const pressed = (key, more = {}) => ({ key, shiftKey: false, altKey: false, ctrlKey: false, metaKey: false, ...more });
const state = (more = {}) => ({ presenting: true, still: false, on: "", ...more });
const ours = KEYS.filter((one) => one.act);

test("every key of the list does what stands beside it, upper case too", () => {
  for (const { act, keys, shift } of ours)
    for (const key of keys) {
      const shiftKey = Boolean(shift) && key.length === 1;
      assert.equal(actOf(pressed(key, { shiftKey }), state()), act, key);
      if (/^[a-z]$/.test(key)) assert.equal(actOf(pressed(key.toUpperCase(), { shiftKey }), state()), act, key);
    }
});

test("no key means two things", () => {
  const named = KEYS.flatMap(({ keys, shift }) => keys.map((key) => `${shift && key.length === 1 ? "Shift " : ""}${key}`));
  assert.equal(new Set(named).size, named.length);
});

test("outside a presentation only a few keys are heard, and of these not the ones that others do", () => {
  const heard = ours.flatMap(({ keys }) => keys).filter((key) => actOf(pressed(key), state({ presenting: false })));
  assert.deepEqual(heard, ["p", "?"]);
});

test("who types in a field is left alone, and a slider keeps the keys that move it", () => {
  for (const { keys } of KEYS)
    for (const key of keys) assert.equal(actOf(pressed(key), state({ on: "text" })), null, key);
  assert.equal(actOf(pressed("PageDown"), state({ on: "slider" })), null);
  assert.equal(actOf(pressed("c"), state({ on: "slider" })), "controls");
  assert.equal(actOf(pressed("ArrowLeft"), state({ on: "slider" })), null);
});

test("what is pressed with control, alt or the system's key is the browser's", () => {
  for (const name of ["ctrlKey", "altKey", "metaKey"])
    for (const still of [false, true]) assert.equal(actOf(pressed("p", { [name]: true }), state({ still })), null);
});

test("a picture that stands still hears what ends it, the dot and the list, and swallows the rest", () => {
  const still = state({ still: true });
  assert.deepEqual(["f", "b", ".", "l", "Escape", "?"].map((key) => actOf(pressed(key), still)),
    ["freeze", "black", "black", "laser", "leave", "keys"]); // prettier-ignore
  for (const key of [" ", "ArrowRight", "n", "c", "p", "Tab", "Enter"]) assert.equal(actOf(pressed(key), still), "", key);
  assert.equal(actOf(pressed("F11"), still), null);
});

test("the list names every key in words", () => {
  for (const { shown, says } of KEYS) assert.ok(shown && says);
});
