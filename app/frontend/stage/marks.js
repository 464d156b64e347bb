// The marks that panels are drawn with. Coordinates are canvas pixels; nothing here knows what they mean.

/** @typedef {import("./decode.js").Row} Row */

/**
 * Returns what draws on a canvas.
 * @param {HTMLCanvasElement} canvas
 * @param {CanvasRenderingContext2DSettings} [settings]
 */
export function brush(canvas, settings) {
  const context = canvas.getContext("2d", settings);
  if (!context) throw new Error("This browser does not draw on a canvas.");
  return context;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 * @param {string} fill
 * @param {string} edge
 */
export function star(context, x, y, radius, fill, edge) {
  context.beginPath();
  for (let i = 0; i < 10; i++) {
    const angle = (Math.PI * i) / 5 - Math.PI / 2;
    const r = i % 2 ? radius * 0.45 : radius;
    context.lineTo(x + r * Math.cos(angle), y + r * Math.sin(angle));
  }
  context.closePath();
  outlined(context, fill, edge);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 * @param {string} fill
 * @param {string} edge
 */
export function dot(context, x, y, radius, fill, edge) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  outlined(context, fill, edge);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} fill
 * @param {string} edge
 */
function outlined(context, fill, edge) {
  context.lineJoin = "round";
  context.lineWidth = 3;
  context.strokeStyle = edge;
  context.stroke();
  context.fillStyle = fill;
  context.fill();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 * @param {string} colour
 * @param {string} ground
 * @param {number} [width]
 */
export function ring(context, x, y, radius, colour, ground, width = 2) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = ground;
  context.fill();
  context.lineWidth = width;
  context.strokeStyle = colour;
  context.stroke();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 * @param {string} colour
 */
export function cross(context, x, y, radius, colour) {
  context.beginPath();
  context.moveTo(x - radius, y - radius);
  context.lineTo(x + radius, y + radius);
  context.moveTo(x + radius, y - radius);
  context.lineTo(x - radius, y + radius);
  context.lineWidth = 3;
  context.lineCap = "round";
  context.strokeStyle = colour;
  context.stroke();
}

/**
 * An arrow from (x, y) by (dx, dy), with a halo in the ground's colour so that it reads on any lines.
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} dx
 * @param {number} dy
 * @param {number} width
 * @param {string} colour
 * @param {string} halo
 */
export function arrow(context, x, y, dx, dy, width, colour, halo) {
  const length = Math.hypot(dx, dy);
  if (length < 3) return;
  const [ux, uy] = [dx / length, dy / length];
  const head = Math.min(4 + 2.2 * width, 0.7 * length);
  const [tx, ty] = [x + dx, y + dy];
  const [bx, by] = [tx - head * ux, ty - head * uy];
  const side = 0.55 * head;
  for (const [stroke, grow] of /** @type {[string, number][]} */ ([[halo, 3], [colour, 0]])) {
    context.lineCap = "butt";
    context.lineJoin = "round";
    context.strokeStyle = stroke;
    context.fillStyle = stroke;
    context.lineWidth = width + grow;
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(bx, by);
    context.stroke();
    context.beginPath();
    context.moveTo(tx, ty);
    context.lineTo(bx - side * uy, by + side * ux);
    context.lineTo(bx + side * uy, by - side * ux);
    context.closePath();
    if (grow) {
      context.lineWidth = grow;
      context.stroke();
    }
    context.fill();
  }
}

/**
 * Whether two points lie on one pixel: to join such points is slow, and shows nothing.
 * @param {number} dx
 * @param {number} dy
 */
export function isNear(dx, dy) {
  return dx * dx + dy * dy < 1.5;
}

const TAIL = [[1, 1], [0.8, 0.6], [0.62, 0.3], [0.55, 0]]; // share of opacity, from this share of the tail on

/**
 * The path up to a frame: all of it faint, the last `tail` frames stronger towards the present.
 * @param {CanvasRenderingContext2D} context
 * @param {Row} x
 * @param {Row} y
 * @param {number} frame
 * @param {import("./fit.js").Fit} fit
 * @param {string} colour
 * @param {number} width
 * @param {number} tail
 */
export function trail(context, x, y, frame, fit, colour, width, tail) {
  const { sx, sy, mx, my } = fit;
  context.strokeStyle = colour;
  context.lineJoin = "round";
  context.lineCap = "round";
  /**
   * @param {number} from
   * @param {number} to
   */
  const stroke = (from, to) => {
    let [px, py] = [mx + x[from] * sx, my + y[from] * sy];
    context.beginPath();
    context.moveTo(px, py);
    for (let i = from + 1; i <= to; i++) {
      const [qx, qy] = [mx + x[i] * sx, my + y[i] * sy];
      if (i < to && isNear(qx - px, qy - py)) continue;
      context.lineTo(qx, qy);
      [px, py] = [qx, qy];
    }
    context.stroke();
  };
  if (frame < 1) return;
  const start = Math.max(0, frame - tail);
  context.lineWidth = width * 0.8;
  context.globalAlpha = 0.5;
  if (start > 0) stroke(0, start);
  let to = frame;
  for (const [opacity, share] of TAIL) {
    const from = start + Math.floor(share === 1 ? 0.8 * (frame - start) : share * (frame - start));
    context.globalAlpha = opacity;
    context.lineWidth = width * (0.8 + 0.2 * opacity);
    if (from < to) stroke(from, to);
    to = Math.min(to, from);
  }
  context.globalAlpha = 1;
}
