// @ts-check
// Runs paths beside the page: it is handed the compiled file once, then the plan of one path at a time.

import { Engine } from "./memory.js";
import { runPath } from "./picture.js";

/** @type {Promise<Engine> | undefined} there once the file is ready: a path that comes before that waits for it */
let engine;

addEventListener("message", async ({ data }) => {
  if (data.module) {
    engine = WebAssembly.instantiate(data.module, {}).then(
      (instance) => new Engine(/** @type {any} */ (instance).exports, data.manifest),
    );
    return;
  }
  const ready = await /** @type {Promise<Engine>} */ (engine);
  postMessage({ job: data.job, result: runPath(ready, data.given) });
});
