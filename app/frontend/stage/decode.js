// The payload of bytes as numbers: the reader of what pack.py and _series.py write.

/** @typedef {Float32Array | Float64Array} Row one quantity over the frames, or along a curve */

/** @typedef {[offset: number, rows: number, length: number, order: number, bits: number, lows: number[], highs: number[]]} Entry */

/**
 * Sentences on a run: the text with index `which` holds from this step on.
 * @typedef {object} Told
 * @property {string[]} texts
 * @property {[step: number, which: number][]} passages
 */

/**
 * What the header says of one run; its numbers are read at its entries, rows ordered by start.
 * @template [E=Entry] what `read` takes
 * @typedef {object} RunEntry
 * @property {string} title
 * @property {Told} told
 * @property {number} starts
 * @property {number} frames
 * @property {number[]} steps the first step, then how many steps each frame is later than the one before
 * @property {[outcome: number, step: number][]} outcome of each start; 0 is an end as planned
 * @property {number[]} solved from which step on each start's path is; -1: never
 * @property {number[][]} vanished the frames at which it changes whether gradients have vanished, for each start
 * @property {number[][]} capped the same of the condition number that cannot be told
 * @property {E} z
 * @property {E} excess
 * @property {E} gradients
 * @property {E} update
 * @property {E} curves
 * @property {E | null} view
 * @property {E | null} lag null where nothing turns, and where a problem has none
 * @property {{every: number[], points: E} | null} cloud a batch's points, and the frames that they are at
 */

/**
 * One task's level curves (task -1: of the weighted sum), all points one after the other: for each level the lengths
 * of its rings.
 * @template [E=Entry]
 * @typedef {object} LevelsEntry
 * @property {number} task
 * @property {number[]} values
 * @property {number[][]} rings
 * @property {E | null} points
 */

/**
 * What all runs of a picture share.
 * @typedef {object} Shared
 * @property {boolean | null} dark null: as the page is
 * @property {string} problem
 * @property {string} title
 * @property {string[]} tasks
 * @property {number} d
 * @property {[number, number]} pair the drawn dimensions, from 0
 * @property {string[]} panels
 * @property {[number, number, number]} view centre x, centre y and half width of the square that is shown
 * @property {[number, number][]} optima of each task in its own space; none for a batch
 * @property {number[]} minima each task's least loss
 * @property {{theta: [number, number], objective: [number, number]} | null} star the optimum of the weighted sum
 * @property {[number, number, number, number] | null} objective the box of objective space: low and high of each loss
 * @property {number[] | null} guide the excess losses that success asks for
 * @property {number[] | null} labels of a batch's points, 0 or 1
 * @property {boolean} draggable
 */

/**
 * @template [E=Entry]
 * @typedef {Shared & {runs: RunEntry<E>[], levels: LevelsEntry<E>[], front: {theta: E, objective: E} | null}} Header
 */

/**
 * What a picture is made of (see scene.js): a header, and what reads the rows of one of its entries.
 * @template [E=Entry]
 * @typedef {{digest: string, header: Header<E>, read: (entry: E) => Row[]}} Content
 */

/**
 * Returns a payload's content; a promise of it only where it is deflated: a plain one is shown before the page does
 * anything else.
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {Content | Promise<Content>}
 */
export function decode(bytes) {
  const digest = String.fromCharCode(...bytes.subarray(0, 8));
  const rest = bytes.subarray(9);
  if (bytes[8] === 48) return understand(digest, rest);
  const inflated = new Blob([rest]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(inflated).arrayBuffer().then((content) => understand(digest, new Uint8Array(content)));
}

/**
 * @param {string} digest
 * @param {Uint8Array} content
 * @returns {Content}
 */
function understand(digest, content) {
  const view = new DataView(content.buffer, content.byteOffset);
  const length = view.getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(content.subarray(4, 4 + length)));
  const body = content.subarray(4 + length);
  const size = body.length / 2;
  return { digest, header, read: (entry) => readRows(body, size, entry) };
}

/**
 * @param {Uint8Array} body all low bytes, then all high bytes
 * @param {number} size
 * @param {Entry} entry
 * @returns {Float32Array[]}
 */
function readRows(body, size, [offset, rows, length, order, bits, lows, highs]) {
  const codes = new Uint16Array(length);
  const top = 2 ** bits - 1;
  return Array.from({ length: rows }, (_, row) => {
    const from = offset + row * length;
    for (let i = 0; i < length; i++) {
      const folded = body[from + i] | (body[size + from + i] << 8);
      codes[i] = (folded >>> 1) ^ -(folded & 1);
    }
    for (let pass = 0; pass < order; pass++) for (let i = 1; i < length; i++) codes[i] += codes[i - 1];
    const low = lows[row % lows.length];
    const step = (highs[row % lows.length] - low) / top;
    return Float32Array.from(codes, (code) => low + code * step);
  });
}
