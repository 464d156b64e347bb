// The payload of bytes as numbers: the reader of what pack.py and _series.py write.

// Returns a promise only where the content is deflated: a plain one is shown before the page does anything else.
export function decode(bytes) {
  const digest = String.fromCharCode(...bytes.subarray(0, 8));
  const rest = bytes.subarray(9);
  if (bytes[8] === 48) return understand(digest, rest);
  const inflated = new Blob([rest]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(inflated).arrayBuffer().then((content) => understand(digest, new Uint8Array(content)));
}

function understand(digest, content) {
  const view = new DataView(content.buffer, content.byteOffset);
  const length = view.getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(content.subarray(4, 4 + length)));
  const body = content.subarray(4 + length);
  const size = body.length / 2;
  return { digest, header, read: (entry) => readRows(body, size, entry) };
}

// Returns the rows of one entry [offset, rows, length, order, bits, lows, highs] as Float32Arrays.
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
