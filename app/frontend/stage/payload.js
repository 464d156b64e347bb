// How a payload arrives: as text in an element of the page. React writes it as it commits, a good tenth of a second
// before Streamlit would hand it to the component as data.

export class PayloadWatcher {
  // deliver is called with the bytes of every new payload for this slot, the first one as soon as it is there.
  constructor(slot, deliver) {
    this.selector = `[data-stage-slot="${CSS.escape(slot)}"]`;
    this.deliver = deliver;
    this.watching = new MutationObserver(() => this.look());
    this.watching.observe(document.body, { childList: true, subtree: true });
    this.look();
  }

  look() {
    const element = document.querySelector(this.selector);
    if (!element || element.dataset.digest === this.read) return;
    this.read = element.dataset.digest;
    this.deliver(Uint8Array.from(atob(element.textContent), (character) => character.charCodeAt(0)));
  }

  close() {
    this.watching.disconnect();
  }
}
