// What goes on in time: the clock, the loop of frames, how stage and page tell each other where it stands.

import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { Clock, openAt } from "../../app/frontend/stage/clock.js";
import { Loop } from "../../app/frontend/stage/loop.js";
import { Look } from "../../app/frontend/stage/look.js";
import { Meter } from "../../app/frontend/stage/meter.js";

/** @param {number} frames */
function clockOf(frames) {
  const clock = new Clock();
  clock.adopt(frames);
  return clock;
}

/** How long a run takes at a speed. */
function secondsOf(frames, speed) {
  const clock = clockOf(frames);
  clock.speed = speed;
  clock.play();
  let passed = 0;
  for (; !clock.atEnd; passed += 0.01) clock.advance(0.01);
  return passed;
}

test("a run takes eight seconds, however many frames it has, and speed divides them", () => {
  for (const frames of [100, 400]) {
    assert.ok(Math.abs(secondsOf(frames, 1) - 8) < 0.2);
    assert.ok(Math.abs(secondsOf(frames, 4) - 2) < 0.1);
  }
  assert.ok(secondsOf(9, 1) < 1.2); // a few frames are not held apart
});

test("at its end it waits and begins anew, or stops", () => {
  const clock = clockOf(10);
  clock.seek(9);
  clock.playing = true;
  assert.equal(clock.advance(1), false);
  assert.equal(clock.advance(1), true);
  assert.equal(clock.frame, 0);
  clock.loop = false;
  clock.seek(9);
  assert.equal(clock.advance(0.1), true);
  assert.equal(clock.playing, false);
});

test("it stays within its frames, and plays from the start again after the end", () => {
  const clock = clockOf(10);
  clock.seek(99);
  assert.equal(clock.frame, 9);
  clock.seek(-1);
  assert.equal(clock.frame, 0);
  clock.seek(9);
  clock.play();
  assert.equal(clock.frame, 0);
  clock.pause();
  assert.equal(clock.advance(5), false);
});

test("new runs keep the frame, or the share where there are more or fewer of them", () => {
  const clock = clockOf(101);
  clock.seek(40);
  clock.adopt(101);
  assert.equal(clock.position, 40);
  clock.adopt(51);
  assert.equal(clock.position, 20);
});

test("first runs play, later ones go on, another problem begins anew unless a hand has stopped it", () => {
  const [one, other] = [{ frames: 50, problem: "one" }, { frames: 50, problem: "other" }];
  const free = { calm: false, paused: false, dropped: false };
  const clock = new Clock();
  openAt(clock, one, null, free);
  assert.deepEqual([clock.playing, clock.frame], [true, 0]);
  clock.seek(20);
  openAt(clock, one, one, free);
  assert.equal(clock.frame, 20);
  openAt(clock, one, one, { ...free, dropped: true });
  assert.equal(clock.frame, 0);
  clock.seek(20);
  openAt(clock, other, one, { ...free, paused: true });
  assert.deepEqual([clock.playing, clock.frame], [false, 0]);
});

test("runs of which only the start was shown begin when the rest comes, whatever a hand did meanwhile", () => {
  const [held, whole] = [{ frames: 1, problem: "one" }, { frames: 50, problem: "one" }];
  const clock = new Clock();
  const stopped = { calm: false, paused: true, dropped: false };
  openAt(clock, held, null, stopped);
  clock.pause();
  openAt(clock, whole, held, stopped);
  assert.deepEqual([clock.playing, clock.frame], [true, 0]);
  openAt(clock, held, whole, stopped);
  openAt(clock, whole, held, { ...stopped, calm: true });
  assert.equal(clock.frame, 49);
});

test("where motion is not wanted the end is shown", () => {
  const clock = new Clock();
  openAt(clock, { frames: 50, problem: "one" }, null, { calm: true, paused: false, dropped: false });
  assert.deepEqual([clock.playing, clock.frame], [false, 49]);
});

/** Frames that are asked for, by hand. */
function frames() {
  const asked = new Map();
  let count = 0;
  globalThis.requestAnimationFrame = (callback) => (asked.set(++count, callback), count);
  globalThis.cancelAnimationFrame = (request) => asked.delete(request);
  return {
    asked,
    /** @param {number} now */
    pass(now) {
      const due = [...asked.values()];
      asked.clear();
      for (const callback of due) callback(now);
    },
  };
}

test("frames follow each other while there is something to draw, one at a time", () => {
  const page = frames();
  const meter = new Meter();
  /** @type {number[]} */
  const drawn = [];
  const loop = new Loop((seconds) => (drawn.push(seconds), drawn.length === 1 && loop.wake(), drawn.length < 3), meter);
  loop.wake();
  loop.wake();
  for (const now of [1000, 1016, 1040, 1060]) {
    assert.ok(page.asked.size <= 1);
    page.pass(now);
  }
  assert.deepEqual(drawn, [0, 0, 0.024]); // awake within a frame, time began anew
  assert.deepEqual(meter.report().gaps, [24]);
  loop.wake();
  loop.stop();
  assert.equal(page.asked.size, 0);
  loop.wake();
  assert.equal(page.asked.size, 0);
});

test("a loop that was stopped at rest stays so", () => {
  const page = frames();
  const loop = new Loop(() => assert.fail("it draws"), new Meter());
  loop.stop();
  loop.wake();
  assert.equal(page.asked.size, 0);
});

test("a long pause is no leap", () => {
  const page = frames();
  /** @type {number[]} */
  const drawn = [];
  const loop = new Loop((seconds) => (drawn.push(seconds), true), new Meter());
  loop.wake();
  page.pass(0);
  page.pass(60_000);
  assert.deepEqual(drawn, [0, 0.1]);
});

test("the meter keeps the last six hundred", () => {
  const meter = new Meter();
  for (let i = 0; i < 700; i++) meter.draw(i);
  assert.equal(meter.report().draws.length, 600);
  assert.equal(meter.report().draws.at(-1), 699);
  meter.reset();
  assert.deepEqual(meter.report(), { gaps: [], draws: [] });
});

/** A look with what it applies and what it sends. */
function looking() {
  /** @type {any[]} */
  const [applied, sent] = [[], []];
  const look = new Look((changes) => applied.push(changes));
  const hear = (heard, values) => look.hear({ heard, look: values, listened: true }, (_, news) => sent.push(news));
  return { look, applied, sent, hear };
}

test("a look is applied once, and told once", () => {
  const { look, applied, sent, hear } = looking();
  hear("", { speed: "1", start: 1 });
  hear("", { speed: "1", start: 1 });
  assert.deepEqual(applied, [{ speed: "1", start: 1 }]);
  look.tell({ speed: "1" });
  look.tell({ speed: "2" });
  assert.deepEqual(sent.map((news) => news.changes), [{ speed: "2" }]);
});

test("what the page wrote before it heard of a change undoes nothing, and the change is told with the next", () => {
  const { look, applied, sent, hear } = looking();
  hear("", { speed: "1", start: 1 });
  look.tell({ speed: "2" });
  hear("", { speed: "1", start: 1 });
  look.tell({ start: 2 });
  assert.equal(applied.length, 1);
  assert.deepEqual(sent.at(-1).changes, { speed: "2", start: 2 });
  hear(sent.at(-1).id, { speed: "2", start: 2 });
  look.tell({ start: 3 });
  assert.deepEqual(sent.at(-1).changes, { start: 3 });
});

test("where it stands is told once it has stood a moment", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  globalThis.window = globalThis;
  const { look, sent, hear } = looking();
  hear("", { step: -1 });
  look.place(10);
  mock.timers.tick(200);
  look.place(20);
  mock.timers.tick(200);
  assert.equal(sent.length, 0);
  mock.timers.tick(200);
  assert.deepEqual(sent.map((news) => news.changes), [{ step: 20 }]);
  look.place(30);
  look.close();
  mock.timers.tick(1000);
  assert.equal(sent.length, 1);
  mock.timers.reset();
});
