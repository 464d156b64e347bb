// Calls entries of the engine's file in node, by the page's own code: reads the calls from standard input, writes back
// what each returned and every array as it is afterwards. Begins with the length of its JSON, then the JSON, then arrays.
import fs from "node:fs";

import { Engine } from "../app/frontend/engine/memory.js";

const KINDS = { f8: Float64Array, i8: BigInt64Array };
const input = fs.readFileSync(0);
const length = input.readUInt32LE(0);
const { file, manifest, calls } = JSON.parse(input.subarray(4, 4 + length).toString());
const engine = await Engine.load(fs.readFileSync(file), JSON.parse(fs.readFileSync(manifest, "utf8")));

/** A value as `Engine.call` takes it: a number, {kernel: name}, or {array: "f8", from, shape, kernels: [[at, name]]}. */
function value(given) {
  if (typeof given === "number") return given;
  if ("kernel" in given) return engine.addressOf(given.kernel);
  const size = given.shape.reduce((product, n) => product * n, 1), from = input.byteOffset + 4 + length + given.from;
  const numbers = new KINDS[given.array](input.buffer.slice(from, from + 8 * size));
  for (const [at, name] of given.kernels) numbers[at] = engine.addressOf(name);
  return { numbers, shape: given.shape };
}

const results = [], arrays = [];
for (const { entry, values, times } of calls) {
  const given = Object.fromEntries(Object.entries(values).map(([label, each]) => [label, value(each)]));
  const written = Object.keys(values).filter((label) => typeof given[label] === "object");
  const taken = [];
  let found = {};
  for (let i = 0; i < times; i++) {
    const before = performance.now();
    found = engine.call(entry, given, written);
    taken.push(performance.now() - before);
  }
  results.push({ result: Number(found.result ?? 0), milliseconds: taken.sort((a, b) => a - b)[times >> 1] });
  for (const label of written) arrays.push(Buffer.from(found[label].buffer));
}
const told = Buffer.from(JSON.stringify(results)), head = Buffer.alloc(4);
head.writeUInt32LE(told.length);
const out = Buffer.concat([head, told, ...arrays]);
for (let done = 0; done < out.length; ) done += fs.writeSync(1, out, done);
