// What stands in a component's element, kept through changes of its data.

/**
 * @typedef {object} Place
 * @property {boolean} isConnected whether it is in the page
 * @property {(node: any) => boolean} contains
 */

/** @typedef {{root: any, destroy: () => void}} Thing */

/**
 * One thing for each element.
 *
 * Streamlit calls a mount at every change of the data, and keeps what the mount returns for the day the element is taken
 * away. But where another change overtakes a call, it calls what that one returned at once, though the element stays:
 * taken at its word, a stage would go still, and a second one stand below it. So only what has left the page is ended.
 * @template {Thing} T
 */
export class Standing {
  /** @param {(parent: any) => T} make draws a thing into an element */
  constructor(make) {
    this.make = make;
    /** @type {WeakMap<Place, T>} */
    this.things = new WeakMap();
  }

  /**
   * Returns what stands in this element: what stood there before, if it still does.
   * @param {Place} parent
   */
  in(parent) {
    const known = this.things.get(parent);
    if (known && parent.contains(known.root)) return known;
    known?.destroy();
    const made = this.make(parent);
    this.things.set(parent, made);
    return made;
  }

  /**
   * Returns what a mount returns: it ends what stands in this element once that has left the page.
   * @param {Place} parent
   */
  leaving(parent) {
    return () => {
      if (parent.isConnected) return;
      this.things.get(parent)?.destroy();
      this.things.delete(parent);
    };
  }
}
