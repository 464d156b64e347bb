// Calls entries of the engine's file in node, for tests: reads the calls from standard input, writes back the memory
// that each was given. Numbers in words: a number, {at: offset in the memory}, {kernel: index in the manifest's table}.
import fs from 'node:fs';

const input = fs.readFileSync(0);
const length = input.readUInt32LE(0);
const { file, calls } = JSON.parse(input.subarray(4, 4 + length).toString());
const memories = input.subarray(4 + length);
const { exports: engine } = new WebAssembly.Instance(new WebAssembly.Module(fs.readFileSync(file)), {});
const start = engine.mark();
const bytes = () => new Uint8Array(engine.memory.buffer);

function word(value, base) {
  if (typeof value === 'number') return BigInt(value);
  return BigInt('at' in value ? base + value.at : engine.kernel_at(value.kernel));
}

function call({ entry, ints, floats, memory: [from, size], kernels, times }) {
  engine.reset(start);
  const base = engine.take(size), words = engine.take(8 * ints.length), numbers = engine.take(8 * floats.length);
  const given = memories.subarray(from, from + size);
  const prepare = () => {
    bytes().set(given, base);
    const view = new DataView(engine.memory.buffer);
    for (const [at, index] of kernels) view.setFloat64(base + at, engine.kernel_at(index), true);
    new BigInt64Array(engine.memory.buffer, words, ints.length).set(ints.map((value) => word(value, base)));
    new Float64Array(engine.memory.buffer, numbers, floats.length).set(floats);
  };
  const taken = [];
  for (let i = 0; i < times; i++) {
    prepare();
    const before = performance.now();
    const status = engine[entry](words, numbers);
    taken.push(performance.now() - before);
    if (status) throw new Error(`${entry} returned ${status}`);
  }
  const after = Buffer.from(bytes().slice(base, base + size));
  const results = Buffer.alloc(24);
  if (ints.length) results.writeBigInt64LE(new BigInt64Array(engine.memory.buffer, words, ints.length).at(-1), 0);
  if (floats.length) results.writeDoubleLE(new Float64Array(engine.memory.buffer, numbers, floats.length).at(-1), 8);
  results.writeDoubleLE(taken.sort((a, b) => a - b)[taken.length >> 1], 16);
  return Buffer.concat([results, after]);
}

const out = Buffer.concat(calls.map(call));
for (let done = 0; done < out.length; ) done += fs.writeSync(1, out, done);
