// From bytes to what is drawn and said: the payload's reader, the scene made of it, the sentences on it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync } from "node:zlib";

import { decode } from "../../app/frontend/stage/decode.js";
import { makeScene } from "../../app/frontend/stage/scene.js";
import { describe, spoken, toldAt } from "../../app/frontend/stage/sentences.js";
import { VANISHED } from "../../app/frontend/stage/readings.js";

globalThis.Path2D = /** @type {any} */ (
  class {
    /** @type {any[]} */
    marks = [];
    moveTo(...at) {
      this.marks.push(["from", ...at]);
    }
    lineTo(...at) {
      this.marks.push(["to", ...at]);
    }
    closePath() {
      this.marks.push(["close"]);
    }
    addPath(path) {
      this.marks.push(...path.marks);
    }
  }
);

/** Writes numbers as _series.py does: quantised, differenced, folded, all low bytes before all high ones. */
class Stream {
  /** @type {number[]} */
  codes = [];

  add(rows, { bits = 14, order = 2 } = {}) {
    const entry = [this.codes.length, rows.length, rows[0].length, order, bits];
    const [lows, highs] = [rows.map((row) => Math.min(...row)), rows.map((row) => Math.max(...row))];
    rows.forEach((row, r) => {
      const span = highs[r] > lows[r] ? highs[r] - lows[r] : 1;
      let codes = row.map((value) => Math.round(((value - lows[r]) / span) * (2 ** bits - 1)));
      for (let pass = 0; pass < order; pass++) codes = codes.map((code, i) => (code - (i ? codes[i - 1] : 0)) & 0xffff);
      for (const code of codes) {
        const signed = (code << 16) >> 16;
        this.codes.push(((signed << 1) ^ (signed >> 15)) & 0xffff);
      }
    });
    return [...entry, lows, highs];
  }

  bytes(header, packed = false) {
    const text = new TextEncoder().encode(JSON.stringify(header));
    const length = new Uint8Array(Uint32Array.of(text.length).buffer);
    const body = [...this.codes.map((code) => code & 0xff), ...this.codes.map((code) => code >> 8)];
    const content = Uint8Array.of(...length, ...text, ...body);
    const rest = packed ? deflateSync(content) : content;
    return Uint8Array.of(...new TextEncoder().encode(`0123abcd${packed ? 1 : 0}`), ...rest);
  }
}

const wave = (frames, scale, phase = 0) => Array.from({ length: frames }, (_, i) => scale * Math.sin(0.7 * i + phase));

test("every number of a payload is read within a code of its range", () => {
  const rows = [wave(50, 3), wave(50, 1e-3, 2), Array(50).fill(7), [...Array(49).fill(0), 1e6]];
  for (const order of [0, 1, 2])
    for (const bits of [10, 13, 14]) {
      const stream = new Stream();
      stream.add([wave(7, 1)]);
      const entry = stream.add(rows, { bits, order });
      const read = decode(stream.bytes({})).read(entry);
      rows.forEach((row, r) => {
        const code = (Math.max(...row) - Math.min(...row)) / (2 ** bits - 1);
        row.forEach((value, i) => assert.ok(Math.abs(read[r][i] - value) <= 0.51 * code + 1e-6 * Math.abs(value)));
      });
    }
});

test("what is plain is there at once, what is deflated later, and both are the same", async () => {
  const stream = new Stream();
  const entry = stream.add([wave(20, 2)]);
  const plain = decode(stream.bytes({ title: "a θ" }));
  assert.ok(!(plain instanceof Promise));
  assert.deepEqual([plain.digest, plain.header], ["0123abcd", { title: "a θ" }]);
  const deflated = await decode(stream.bytes({ title: "a θ" }, true));
  assert.deepEqual(deflated.header, plain.header);
  assert.deepEqual(deflated.read(entry), plain.read(entry));
});

const TOLD = { texts: ["It goes.", "It rests at excess losses {losses}."], passages: [[0, 0], [20, 1]] };

/** A run of two tasks from two starts, with all numbers written as they are: what `read` takes is what it gives. */
function entryOf(steps, more = {}) {
  const frames = steps.length;
  const rows = (count, from) => Array.from({ length: count }, (_, i) => Float64Array.from(wave(frames, 1, from + i)));
  return {
    title: "RotoGrad", told: TOLD, starts: 2, frames, steps: steps.map((step, i) => step - (steps[i - 1] ?? 0)),
    outcome: [[0, 40], [1, 20]], solved: [20, -1], vanished: [[2], []], capped: [[], [0, 1]],
    z: rows(4, 0), excess: rows(4, 10), gradients: rows(8, 20), update: rows(4, 30), curves: rows(6, 40), view: null,
    cloud: null, ...more,
  };
}

const SHARED = {
  dark: null, problem: "avocado", title: "Avocado", tasks: ["left", "right"], d: 2, pair: [0, 1], panels: ["z", "r0", "r1"],
  view: [0, 0, 1], optima: [], minima: [5, -5], star: null, objective: null, guide: [1e-4], labels: null, draggable: true,
};
const sceneOf = (runs, more = {}) =>
  makeScene({ digest: "d", header: { ...SHARED, levels: [], front: null, runs, ...more }, read: (rows) => rows });

test("every start has its own rows", () => {
  const run = entryOf([0, 10, 20, 40]);
  const [path, other] = sceneOf([run]).runs[0].paths;
  assert.equal(other.x, run.z[2]);
  assert.deepEqual([path.excess, other.excess], [run.excess.slice(0, 2), run.excess.slice(2)]);
  assert.deepEqual(other.gradients, [run.gradients.slice(4, 6), run.gradients.slice(6)]);
  assert.deepEqual([other.update, other.condition], [run.update.slice(2), run.curves[5]]);
  assert.deepEqual([other.outcome, other.solved], [[1, 20], -1]);
  assert.ok(Math.abs(other.losses[1][3] - (10 ** run.excess[3][3] - 5)) < 1e-12);
  assert.deepEqual([[...path.vanished], [...other.capped]], [[0, 0, 1, 1], [1, 0, 0, 0]]);
  assert.equal(path.seen[1].x, path.x);
});

test("what turns is seen as the task sees it", () => {
  const turned = [0, 1, -1, 0, 2, 0, 1, 0, 0, 1, 0, 0].map((value) => Float64Array.of(value, value));
  const [, path] = sceneOf([entryOf([0, 10], { view: [...turned.map((row) => row.map(() => NaN)), ...turned] })]).runs[0].paths;
  assert.equal(path.seen[0].x[1], path.y[1] + 2);
  assert.equal(path.seen[0].y[1], -path.x[1]);
  assert.deepEqual(path.seen[1].x, path.x);
});

test("the longest run is the clock, and the others stand at their last frame before", () => {
  const scene = sceneOf([entryOf([0, 30]), entryOf([0, 10, 20, 40])]);
  assert.deepEqual([...scene.steps], [0, 10, 20, 40]);
  assert.deepEqual([[...scene.runs[0].at], [...scene.runs[1].at]], [[0, 0, 0, 1], [0, 1, 2, 3]]);
  assert.equal(scene.frameAt(17), 2);
});

test("level curves are closed rings, the inner half apart from the outer", () => {
  const family = { task: 1, values: [1, 2], rings: [[3], [3, 4]], points: [wave(10, 1), wave(10, 2)] };
  const { levels } = sceneOf([entryOf([0, 1])], { levels: [family, { ...family, points: null }] });
  assert.deepEqual(levels[0].curves.map((curve) => curve.marks.filter(([mark]) => mark === "close").length), [1, 2]);
  assert.deepEqual(levels[0].curves[1].marks[4], ["from", family.points[0][6], family.points[1][6]]);
  assert.deepEqual(levels[0].halves.map((half) => half.marks.length), [4, 9]);
  assert.deepEqual(levels[1].curves, []);
});

test("the sentence that holds at a frame is said, with the losses there", () => {
  const [run] = sceneOf([entryOf([0, 10, 20, 40])]).runs;
  assert.equal(toldAt(run, 1, 0), "It goes.");
  const told = toldAt(run, 2, 0);
  assert.match(told, /^It rests at excess losses [\d.]+ and [\d.]+\.$/);
  assert.notEqual(told, toldAt(run, 3, 0));
});

test("a screen reader hears the step, the start, every method and its losses once", () => {
  const scene = sceneOf([entryOf([0, 10, 20, 40]), entryOf([0, 20], { title: "PCGrad" })]);
  const first = spoken(scene, 1, 1);
  assert.match(first, /^Step 10 of 40\. Start 2 of 2\. RotoGrad: It goes\. Here: excess losses .* PCGrad: It goes\./);
  const last = spoken(scene, 3, 0);
  assert.equal(last.match(/RotoGrad.*?PCGrad/)[0].match(/excess losses/g).length, 1);
  assert.ok(last.includes(`The ${VANISHED}.`));
  assert.equal(
    describe(scene),
    "Animation of Avocado: for each of the methods RotoGrad, PCGrad it shows z space, r₁ space, r₂ space and four curves.",
  );
});
