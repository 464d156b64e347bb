// @ts-check
// The kernels' file and its linear memory: arguments by their labels in, arrays and numbers out. It knows no kernel.

/** @typedef {number | boolean} Scalar */
/** @typedef {Float64Array | BigInt64Array} Numbers */
/** @typedef {{ numbers: Numbers, shape: number[] }} Box  an array of more than one axis, row by row */
/** @typedef {Record<string, Scalar | Numbers | Box>} Values  by label */
/**
 * @typedef {{ exports: Record<string, [string, string][]>, table: Record<string, number>, digest?: string }} Manifest
 * exports: of each entry the words it reads, [kind, label] in order; table: the kernels handed on by address
 */
/**
 * @typedef {{ memory: WebAssembly.Memory, take(bytes: number): number, mark(): number, reset(to: number): void,
 *   kernel_at(index: number): number } & Record<string, (ints: number, floats: number) => number>} Exports
 */

const WORD = 8; // bytes

/** An array's element type, and how many axes it has: "f8[2]". */
const ARRAY = /^(f8|i8)\[(\d)\]$/;

export class Engine {
  /**
   * @param {BufferSource} bytes
   * @param {Manifest} manifest
   */
  static async load(bytes, manifest) {
    const { instance } = await WebAssembly.instantiate(bytes, {});
    return new Engine(/** @type {any} */ (instance.exports), manifest);
  }

  /**
   * @param {Exports} exports
   * @param {Manifest} manifest
   */
  constructor(exports, manifest) {
    this.exports = exports;
    this.manifest = manifest;
  }

  /** Whether the file has a kernel that is handed on by address. @param {string} name */
  has(name) {
    return name in this.manifest.table;
  }

  /** Whether the file has an entry. @param {string} entry */
  offers(entry) {
    return `enter_${entry}` in this.manifest.exports;
  }

  /** Where a kernel is, as other kernels take it; 0 for null. @param {string | null} name */
  addressOf(name) {
    if (name === null) return 0;
    if (!this.has(name)) throw new Error(`The engine has no kernel ${name}.`);
    return this.exports.kernel_at(this.manifest.table[name]);
  }

  /** How much memory the kernels hold, in bytes. */
  get size() {
    return this.exports.memory.buffer.byteLength;
  }

  /**
   * Calls an entry. Returns what it returns as `result`, and the arrays named in `written` as they are afterwards.
   * @param {string} entry
   * @param {Values} values
   * @param {string[]} [written]
   * @returns {Record<string, any>}
   */
  call(entry, values, written = []) {
    const layout = this.manifest.exports[`enter_${entry}`];
    if (!layout) throw new Error(`The engine has no entry ${entry}.`);
    const start = this.exports.mark();
    try {
      const { ints, floats, places } = this.#lay(layout, values);
      const status = this.exports[`enter_${entry}`](ints.at, floats.at);
      if (status) throw new Error(`The kernel ${entry} raised an exception.`);
      return this.#read(layout, values, written, places, ints, floats);
    } finally {
      this.exports.reset(start);
    }
  }

  /**
   * @param {[string, string][]} layout
   * @param {Values} values
   */
  #lay(layout, values) {
    /** @type {bigint[]} */ const ints = [];
    /** @type {number[]} */ const floats = [];
    /** @type {Record<string, number>} */ const places = {};
    for (const [kind, label] of layout) {
      const value = label === "result" ? 0 : values[label];
      if (value === undefined) throw new Error(`An entry takes ${label}, which it did not get.`);
      const array = ARRAY.exec(kind);
      if (array) {
        const { numbers, shape } = boxed(/** @type {Numbers | Box} */ (value));
        if (shape.length !== Number(array[2])) throw new Error(`${label} takes ${kind}, got shape [${shape}].`);
        places[label] = this.#put(numbers);
        ints.push(BigInt(places[label]), ...shape.map(BigInt));
      } else if (kind === "float") floats.push(Number(value));
      else ints.push(BigInt(Math.trunc(Number(value))));
    }
    return { ints: this.#words(BigInt64Array.from(ints)), floats: this.#words(Float64Array.from(floats)), places };
  }

  /** @param {Numbers} numbers */
  #words(numbers) {
    return { at: this.#put(numbers), size: numbers.length };
  }

  /** Copies numbers into linear memory; returns where. @param {Numbers} numbers */
  #put(numbers) {
    const at = this.exports.take(Math.max(WORD, numbers.byteLength));
    if (!at) throw new Error("The engine has no more memory.");
    const Kind = numbers instanceof Float64Array ? Float64Array : BigInt64Array;
    new Kind(this.exports.memory.buffer, at, numbers.length).set(/** @type {any} */ (numbers));
    return at;
  }

  /**
   * @param {[string, string][]} layout
   * @param {Values} values
   * @param {string[]} written
   * @param {Record<string, number>} places
   * @param {{ at: number, size: number }} ints
   * @param {{ at: number, size: number }} floats
   */
  #read(layout, values, written, places, ints, floats) {
    const buffer = this.exports.memory.buffer; // which may have grown since
    /** @type {Record<string, any>} */ const found = {};
    for (const label of written) {
      const { numbers } = boxed(/** @type {Numbers | Box} */ (values[label]));
      const Kind = numbers instanceof Float64Array ? Float64Array : BigInt64Array;
      found[label] = new Kind(buffer, places[label], numbers.length).slice();
    }
    const [kind, label] = layout[layout.length - 1] ?? ["", ""];
    if (label === "result") {
      const list = kind === "float" ? floats : ints;
      const Kind = kind === "float" ? Float64Array : BigInt64Array;
      const [value] = new Kind(buffer, list.at + WORD * (list.size - 1), 1);
      found.result = kind === "bool" ? Boolean(value) : Number(value);
    }
    return found;
  }
}

/** @param {Numbers | Box} value @returns {Box} */
function boxed(value) {
  return "shape" in value ? value : { numbers: value, shape: [value.length] };
}

/** An array of `shape`, of zeros. @param {...number} shape @returns {Box} */
export function zeros(...shape) {
  return { numbers: new Float64Array(shape.reduce((product, n) => product * n, 1)), shape };
}

/** Rows of numbers as one array. @param {number[][]} rows @param {number} width @returns {Box} */
export function matrix(rows, width) {
  return { numbers: Float64Array.from(rows.flat()), shape: [rows.length, width] };
}
