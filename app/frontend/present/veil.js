// What lies over the page in front of a class: the veil of a frozen or a black screen, the dot, the list of keys. All of
// it stands in the browser's top layer, so nothing of the page is above it.

import { part } from "../stage/parts.js";
import { KEYS } from "./keys.js";

export class Veil {
  /** @param {HTMLElement} root of the stage */
  constructor(root) {
    this.veil = part(root, ".veil");
    this.dot = part(root, ".laser");
    this.dialog = /** @type {HTMLDialogElement} */ (part(root, ".keys"));
    this.dialog.addEventListener("click", () => this.dialog.close());
  }

  /** @param {"" | "frozen" | "black"} how */
  cover(how) {
    this.veil.dataset.how = how;
    part(this.veil, "p").textContent = how === "frozen" ? "Frozen: F goes on" : "";
    this.veil.togglePopover(how !== "");
    if (this.pointing) this.point(true); // above the veil again
  }

  get pointing() {
    return this.dot.matches(":popover-open");
  }

  /** @param {boolean} on */
  point(on) {
    this.dot.togglePopover(false);
    this.dot.togglePopover(on);
    document.documentElement.toggleAttribute("data-pointing", on);
  }

  /** @param {{clientX: number, clientY: number}} at */
  move({ clientX, clientY }) {
    this.dot.style.translate = `calc(${clientX}px - 50%) calc(${clientY}px - 50%)`;
  }

  list() {
    if (this.dialog.open) return this.dialog.close();
    const rows = KEYS.map(({ shown, says }) => {
      const [row, key, text] = ["tr", "th", "td"].map((tag) => document.createElement(tag));
      key.setAttribute("scope", "row");
      [key.textContent, text.textContent] = [shown, says];
      row.append(key, text);
      return row;
    });
    part(this.dialog, "tbody").replaceChildren(...rows);
    this.dialog.showModal();
  }
}
