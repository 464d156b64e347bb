// Taking hold of a start in z space: mouse, pen or finger. Tells where it was let go; draws nothing itself.

const HIT = 24; // CSS pixels around a start

export class Drag {
  constructor(canvas, host) {
    this.canvas = canvas;
    this.host = host; // Pointer
    this.held = null;
    this.ghost = null;
    this.abort = new AbortController();
    const listen = (kind, handler, options = {}) =>
      canvas.addEventListener(kind, handler, { signal: this.abort.signal, ...options });
    listen("pointerdown", (event) => this.down(event));
    listen("pointermove", (event) => this.move(event));
    listen("pointerup", (event) => this.up(event));
    listen("pointercancel", () => this.cancel());
    listen("pointerleave", () => this.leave());
    // Only a finger on a start may not scroll the page; elsewhere on the canvas it may.
    listen("touchstart", (event) => this.near(this.spot(event.touches[0])) && event.preventDefault(), { passive: false });
  }

  destroy() {
    this.abort.abort();
  }

  spot(event) {
    const box = this.canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  near(spot) {
    let best = null;
    let least = HIT;
    for (const handle of this.host.starts()) {
      const distance = Math.hypot(handle.x - spot.x, handle.y - spot.y);
      if (distance <= least) [best, least] = [handle, distance];
    }
    return best;
  }

  down(event) {
    if (event.button !== 0) return;
    const spot = this.spot(event);
    const handle = this.near(spot);
    if (!handle) {
      this.host.hovered(spot); // a finger reads where it touches
      return;
    }
    this.held = { ...handle, grabX: handle.x - spot.x, grabY: handle.y - spot.y, moved: false };
    this.canvas.setPointerCapture(event.pointerId);
    this.canvas.style.cursor = "grabbing";
    event.preventDefault();
  }

  move(event) {
    const spot = this.spot(event);
    if (!this.held) {
      this.canvas.style.cursor = this.near(spot) ? "grab" : "";
      this.host.hovered(spot);
      return;
    }
    const { panel, grabX, grabY } = this.held;
    const x = Math.min(panel.x + panel.w - 4, Math.max(panel.x + 4, spot.x + grabX));
    const y = Math.min(panel.y + panel.h - 4, Math.max(panel.y + 4, spot.y + grabY));
    if (!this.held.moved && Math.hypot(x - this.held.x, y - this.held.y) < 4) return;
    this.held.moved = true;
    this.ghost = { start: this.held.start, point: this.host.pointAt(panel, x, y), dropped: false };
    this.host.moved();
  }

  up() {
    const held = this.held;
    this.held = null;
    this.canvas.style.cursor = "";
    if (!held) return;
    if (!held.moved) {
      this.host.picked(held.start);
      return;
    }
    this.ghost.dropped = true; // stays until the new run arrives
    this.host.dropped(held.start, this.ghost.point);
    this.host.moved();
  }

  cancel() {
    this.held = null;
    this.ghost = null;
    this.canvas.style.cursor = "";
    this.host.moved();
  }

  leave() {
    if (!this.held) this.host.hovered(null);
  }

  settle() {
    if (!this.held) this.ghost = null;
  }
}
