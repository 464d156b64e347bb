// Keys that are pressed elsewhere on the page: space plays wherever nothing else wants it, arrows step where nothing
// has the focus.

const NEEDS_KEYS = [
  "input", "textarea", "select", "button", "summary", "audio", "video", "iframe", "[contenteditable]",
  ...["button", "checkbox", "combobox", "gridcell", "listbox", "menu", "menuitem", "option", "radio", "slider",
    "spinbutton", "switch", "tab", "textbox", "treeitem"].map((role) => `[role="${role}"]`),
].join(","); // prettier-ignore

export class Keys {
  /** @param {{key: (event: KeyboardEvent) => void}} controls */
  constructor(controls) {
    this.controls = controls;
    this.abort = new AbortController();
    document.addEventListener("keydown", (event) => this.key(event), { signal: this.abort.signal });
  }

  destroy() {
    this.abort.abort();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.defaultPrevented) return;
    const [origin] = event.composedPath(); // the document sees only the element that hides it
    const from = origin instanceof Element ? origin : null;
    const nowhere = from?.matches("body, html, main"); // a click beside everything leaves it to the page's main part
    const space = event.key === " " && !from?.closest(NEEDS_KEYS);
    const arrow = nowhere && (event.key === "ArrowLeft" || event.key === "ArrowRight");
    if (space || arrow) this.controls.key(event);
  }
}
