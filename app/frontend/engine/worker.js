// @ts-check
// Runs paths beside the page: it is handed the compiled file once, then the plan of one path at a time.

import { Engine } from "./memory.js";
import { runPath } from "./picture.js";

/** @type {Engine | undefined} */
let engine;

addEventListener("message", async ({ data }) => {
  if (data.module) {
    engine = new Engine(/** @type {any} */ (await WebAssembly.instantiate(data.module, {})).exports, data.manifest);
    return;
  }
  const result = engine && runPath(engine, data.given);
  postMessage({ job: data.job, result });
});
