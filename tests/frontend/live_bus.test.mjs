// What one part of a page tells another.

import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.window = /** @type {any} */ (new EventTarget());
const { publish, subscribe } = await import("../../app/frontend/live/bus.js");

test("the listeners of a slot hear its news, those of another do not", () => {
  /** @type {any[]} */
  const heard = [];
  const leave = subscribe("one", (news) => heard.push(news));
  subscribe("two", () => assert.fail("this is another stage"));
  const news = { values: { lr: 0.1 }, held: true, id: "" };
  publish("one", news);
  leave();
  publish("one", { ...news, held: false });
  assert.deepEqual(heard, [news]);
});
