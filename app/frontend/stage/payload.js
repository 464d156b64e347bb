// How a payload arrives, or a recipe in two parts: as text in elements of the page. React writes it as it commits, a good tenth of a second
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
    const parts = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(this.selector)]);
    const of = (/** @type {string | undefined} */ kind) => parts.find(({ dataset }) => dataset.kind === kind);
    const news = of("now") ?? of(undefined);
    if (!news || news.dataset.digest === this.read) return;
    if (news.dataset.kind !== "now") {
      this.read = news.dataset.digest;
      this.deliver(Uint8Array.from(atob(news.textContent ?? ""), (character) => character.charCodeAt(0)));
      return;
    }
    const recipe = of("recipe");
    if (recipe?.dataset.digest !== news.dataset.of) return; // it is on its way
    this.read = news.dataset.digest;
    this.hear({ ...read(recipe), ...read(news) }, news.dataset.event ?? "");
  }

  close() {
    this.watching.disconnect();
  }
}

/** @param {HTMLElement | undefined} element */
function read(element) {
  return JSON.parse(element?.textContent ?? "");
}
