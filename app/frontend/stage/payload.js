// How a payload arrives: as text in an element of the page. React writes it as it commits, a good tenth of a second
// before Streamlit would hand it to the component as data.

export class PayloadWatcher {
  /**
   * @param {string} slot
   * @param {(bytes: Uint8Array<ArrayBuffer>) => void} deliver takes every new payload, the first as soon as it is there
   * @param {(recipe: any, event: string) => void} hear takes every new recipe, by which the page computes the runs
   * itself, and the latest drop of a start that Python knows of
   */
  constructor(slot, deliver, hear) {
    this.slot = slot;
    this.selector = `[data-stage-slot="${CSS.escape(slot)}"]`;
    this.deliver = deliver;
    this.hear = hear;
    /** @type {string | undefined} the digest of the latest */
    this.read = undefined;
    this.watching = new MutationObserver(() => this.look());
    this.watching.observe(document.body, { childList: true, subtree: true });
    this.look();
  }

  look() {
    const element = /** @type {HTMLElement | null} */ (document.querySelector(this.selector));
    if (!element || element.dataset.digest === this.read) return;
    this.read = element.dataset.digest;
    if (element.dataset.kind === "recipe") {
      this.hear(JSON.parse(element.textContent ?? ""), element.dataset.event ?? "");
      return;
    }
    this.deliver(Uint8Array.from(atob(element.textContent ?? ""), (character) => character.charCodeAt(0)));
  }

  close() {
    this.watching.disconnect();
  }
}
