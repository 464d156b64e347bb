// @ts-check
// Workers that run paths while the page goes on drawing. Of several batches asked for, the latest counts.

/** @typedef {import("./picture.js").Result} Result */
/** @typedef {{ given: any[], done: (Result | undefined)[], left: number, show: (results: Result[]) => void }} Batch */

const MOST = 4; // workers; one core is left to the page, whose frames must not wait

export class Pool {
  /**
   * @param {string} address  of the workers' script
   * @param {WebAssembly.Module} module
   * @param {import("./memory.js").Manifest} manifest
   */
  constructor(address, module, manifest) {
    const count = Math.max(1, Math.min(MOST, (navigator.hardwareConcurrency || 2) - 1));
    this.idle = Array.from({ length: count }, () => {
      const worker = new Worker(address, { type: "module" });
      worker.postMessage({ module, manifest });
      worker.onerror = () => this.#lost(worker);
      return worker;
    });
    this.workers = [...this.idle];
    /** @type {Batch | null} */ this.running = null;
    /** @type {Batch | null} */ this.next = null;
    this.started = 0; // paths of the running batch
    this.numbers = 0; // of batches
  }

  /**
   * Runs paths; what was asked for before and has not begun is dropped.
   * @param {any[]} given  each what `run_path` takes
   * @param {(results: Result[]) => void} show
   * @param {boolean} hurry  whether a batch that is running is dropped, too
   */
  run(given, show, hurry) {
    this.next = { given, done: Array(given.length), left: given.length, show };
    if (hurry || !this.running) this.#begin();
  }

  /** Forgets what was asked for. */
  drop() {
    this.running = this.next = null;
  }

  close() {
    for (const worker of this.workers) worker.terminate();
  }

  #begin() {
    [this.running, this.next, this.started] = [this.next, null, 0];
    this.numbers += 1;
    this.#hand();
  }

  #hand() {
    const batch = this.running;
    while (batch && this.idle.length && this.started < batch.given.length) {
      const worker = /** @type {Worker} */ (this.idle.pop());
      const job = [this.numbers, this.started++];
      worker.onmessage = ({ data }) => this.#heard(worker, data);
      worker.postMessage({ job, given: batch.given[job[1]] });
    }
  }

  /** @param {Worker} worker @param {{ job: number[], result: Result }} data */
  #heard(worker, { job: [number, path], result }) {
    this.idle.push(worker);
    const batch = this.running;
    let ready = false;
    if (batch && number === this.numbers) {
      batch.done[path] = result;
      batch.left -= 1;
      ready = batch.left === 0;
    }
    if (ready) this.running = null;
    this.#goOn();
    if (ready) batch?.show(/** @type {Result[]} */ (batch.done));
  }

  /** A path that raises an error ends its batch: what is shown stays. @param {Worker} worker */
  #lost(worker) {
    this.idle.push(worker);
    this.running = null;
    this.numbers += 1;
    this.#goOn();
  }

  #goOn() {
    if (!this.running && this.next) this.#begin();
    else this.#hand();
  }
}
