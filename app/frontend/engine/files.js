// @ts-check
// The engine's files, fetched once a page: the kernels, their manifest, and what every problem is by itself.

import { Engine } from "./memory.js";

/**
 * @typedef {{ engine: Engine, module: WebAssembly.Module, manifest: import("./memory.js").Manifest,
 *   facts: Record<string, import("./plan.js").Facts>, worker: string }} Files
 */

/** @type {Promise<Files> | undefined} */
let loaded;

/** Returns the files; rejects where the page has no WebAssembly or the server does not hand them out. */
export function files() {
  loaded ??= load();
  return loaded;
}

/** Where a file beside this bundle is. @param {string} name */
function beside(name) {
  return new URL(name, import.meta.url).href;
}

/** @param {string} name */
async function fetched(name) {
  const answer = await fetch(beside(name));
  if (!answer.ok) throw new Error(`The server has no ${name}.`);
  return answer;
}

/** @returns {Promise<Files>} */
async function load() {
  const texts = Promise.all(["engine.json", "facts.json"].map(json));
  const [module, [manifest, facts]] = await Promise.all([compiled(), texts]);
  const instance = await WebAssembly.instantiate(module, {});
  const engine = new Engine(/** @type {any} */ (instance.exports), manifest);
  return { engine, module, manifest, facts, worker: beside("worker.js") };
}

/** A file of JSON beside this bundle, as Python wrote it. @param {string} name @returns {Promise<any>} */
export async function json(name) {
  return (await fetched(name)).json();
}

async function compiled() {
  return WebAssembly.compileStreaming(fetched("engine.wasm"));
}
