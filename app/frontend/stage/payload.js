// How a payload arrives: as text in an element of the page. React writes it as it commits, a good tenth of a second
// before Streamlit would hand it to the component as data.

export class PayloadWatcher {
  /**
   * @param {string} slot
   * @param {(bytes: Uint8Array<ArrayBuffer>) => void} deliver takes every new payload, the first as soon as it is there
   */
  constructor(slot, deliver) {
    this.slot = slot;
    this.selector = `[data-stage-slot="${CSS.escape(slot)}"]`;
    this.deliver = deliver;
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
    this.deliver(Uint8Array.from(atob(element.textContent ?? ""), (character) => character.charCodeAt(0)));
  }

  close() {
    this.watching.disconnect();
  }
}
