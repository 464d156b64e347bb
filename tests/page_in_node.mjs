// What the page makes of recipes, in node, for tests: reads them from standard input, writes the plans of all paths and
// the digests of their series. Kernels' addresses are written as the names of the manifest's table.
import { createHash } from "node:crypto";
import fs from "node:fs";

import { Engine } from "../app/frontend/engine/memory.js";
import { digestOf, pathArguments, runPath, sizesOf } from "../app/frontend/engine/picture.js";
import { plansOf } from "../app/frontend/engine/plan.js";

const { file, manifest, cases } = JSON.parse(fs.readFileSync(0, "utf8"));
const engine = await Engine.load(fs.readFileSync(file), manifest);
const names = new Map();
for (const name of Object.keys(manifest.table)) {
  const at = engine.addressOf(name);
  names.set(at, [...(names.get(at) ?? []), name]);
}

function written(label, value) {
  if (label.startsWith("plan.kernels.")) return value === 0 ? [] : names.get(value);
  if (typeof value !== "object") return Number(value);
  return "shape" in value ? { shape: value.shape, numbers: [...value.numbers] } : [...value];
}

const plain = (plan) => Object.fromEntries(Object.entries(plan).map(([label, value]) => [label.slice(5), written(label, value)]));

function runs(facts, plans, pair) {
  const sizes = sizesOf(engine, facts, plans, pair);
  const results = plans.methods.map((paths) =>
    paths.map((plan) => runPath(engine, pathArguments(plan, sizes, facts, plans.shared.dim))),
  );
  return {
    frames: sizes.frames,
    digest: digestOf(results.flat()),
    paths: results.map((paths) =>
      paths.map(({ series, cloud, info, reached }) => {
        const hash = createHash("sha256");
        for (const part of [series, cloud]) hash.update(Buffer.from(part.buffer, part.byteOffset, part.byteLength));
        return { hash: hash.digest("hex"), info, reached };
      }),
    ),
  };
}

const answers = cases.map(({ recipe, facts, live, run }) => {
  const plans = plansOf(engine, recipe, facts, live);
  const told = { plans: plans.methods.map((paths) => paths.map(plain)), addresses: plans.methods.map(([plan]) => names.get(plan["plan.rule_hp"][0]) ?? []) };
  return run ? { ...told, ...runs(facts, plans, (live.pair ?? recipe.pair) - 1) } : told;
});
fs.writeFileSync(1, JSON.stringify(answers));
