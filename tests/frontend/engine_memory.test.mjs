import assert from "node:assert/strict";
import { test } from "node:test";

import { Engine, matrix, zeros } from "../../app/frontend/engine/memory.js";

// A file of one entry in JavaScript, over real linear memory: it reads the words that it is handed.
function file(layout, entry) {
  const memory = new WebAssembly.Memory({ initial: 1 });
  let top = 64;
  const exports = {
    memory,
    take(bytes) {
      const at = top;
      top += Math.ceil(bytes / 64) * 64;
      if (top > memory.buffer.byteLength) memory.grow(Math.ceil((top - memory.buffer.byteLength) / 65536));
      return at;
    },
    mark: () => top,
    reset: (to) => (top = to),
    kernel_at: (index) => 100 + index,
    enter_try: (ints, floats) =>
      entry({
        ints: new BigInt64Array(memory.buffer, ints),
        floats: new Float64Array(memory.buffer, floats),
        array: (Kind, at, size) => new Kind(memory.buffer, Number(at), size),
        grow: () => memory.grow(4),
      }),
  };
  return new Engine(exports, { exports: { enter_try: layout }, table: { "rule:a": 0, "rule:b": 1 } });
}

test("numbers, truths and arrays are handed over in the layout's order", () => {
  const layout = [["int", "n"], ["f8[2]", "rows"], ["float", "x"], ["bool", "yes"], ["i8[1]", "counts"]];
  const engine = file(layout, ({ ints, floats, array }) => {
    assert.deepEqual([...ints.subarray(0, 1)], [7n]);
    assert.deepEqual([...ints.subarray(2, 5)], [2n, 3n, 1n]);
    assert.deepEqual([...array(Float64Array, ints[1], 6)], [1, 2, 3, 4, 5, 6]);
    assert.equal(floats[0], 0.1);
    assert.deepEqual([...array(BigInt64Array, ints[5], Number(ints[6]))], [9n, -9n]);
    return 0;
  });
  const values = { n: 7, x: 0.1, yes: true, rows: matrix([[1, 2, 3], [4, 5, 6]], 3), counts: BigInt64Array.of(9n, -9n) };
  engine.call("try", values);
});

test("what a kernel writes comes back, and what it was given stays as it was", () => {
  const engine = file([["f8[1]", "out"], ["f8[2]", "grid"]], ({ ints, array }) => {
    array(Float64Array, ints[0], 2).set([5, 6]);
    array(Float64Array, ints[2], 4).fill(1);
    return 0;
  });
  const given = { out: new Float64Array(2), grid: zeros(2, 2) };
  const { out, grid } = engine.call("try", given, ["out", "grid"]);
  assert.deepEqual([[...out], [...grid]], [[5, 6], [1, 1, 1, 1]]);
  assert.deepEqual([[...given.out], [...given.grid.numbers]], [[0, 0], [0, 0, 0, 0]]);
});

test("what came back stays when the same memory serves the next call", () => {
  let next = 0;
  const engine = file([["f8[1]", "out"]], ({ ints, array }) => ((array(Float64Array, ints[0], 1)[0] = ++next), 0));
  const [first, second] = [1, 2].map(() => engine.call("try", { out: new Float64Array(1) }, ["out"]).out);
  assert.deepEqual([first[0], second[0]], [1, 2]);
});

test("arrays are read where they are once memory has grown, too", () => {
  const engine = file([["f8[1]", "out"]], ({ ints, array, grow }) => {
    const at = ints[0];
    grow(); // the buffer of before is gone
    array(Float64Array, at, 1)[0] = 3;
    return 0;
  });
  assert.equal(engine.call("try", { out: new Float64Array(1) }, ["out"]).out[0], 3);
});

test("a result is read from the word behind all others", () => {
  const whole = file([["int", "n"], ["int", "result"]], ({ ints }) => ((ints[1] = ints[0] + 1n), 0));
  assert.equal(whole.call("try", { n: 41 }).result, 42);
  const real = file([["float", "x"], ["float", "result"]], ({ floats }) => ((floats[1] = floats[0] / 2), 0));
  assert.equal(real.call("try", { x: 3 }).result, 1.5);
  const truth = file([["int", "n"], ["bool", "result"]], ({ ints }) => ((ints[1] = 1n), 0));
  assert.equal(truth.call("try", { n: 0 }).result, true);
});

test("memory is given back after every call, one that failed too", () => {
  let fails = 0;
  const engine = file([["f8[1]", "x"]], () => fails);
  const before = engine.exports.mark();
  for (fails of [0, 1]) {
    try {
      engine.call("try", { x: new Float64Array(1000) });
    } catch (error) {
      assert.match(String(error), /try raised/);
    }
    assert.equal(engine.exports.mark(), before);
  }
});

test("what is missing or of another shape is refused by name", () => {
  const engine = file([["f8[2]", "grid"]], () => 0);
  assert.throws(() => engine.call("try", {}), /takes grid/);
  assert.throws(() => engine.call("try", { grid: new Float64Array(4) }), /grid takes f8\[2\], got shape \[4\]/);
  assert.throws(() => engine.call("other", {}), /no entry other/);
  assert.throws(() => engine.addressOf("rule:c"), /no kernel rule:c/);
});

test("kernels are found by name; of none the address is 0", () => {
  const engine = file([], () => 0);
  assert.deepEqual([engine.addressOf("rule:b"), engine.addressOf(null)], [101, 0]);
  assert.deepEqual([engine.has("rule:a"), engine.has("rule:c"), engine.offers("try")], [true, false, true]);
});
