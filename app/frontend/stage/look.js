// How the runs are looked at (start followed, step it stands at, speed, pair of dimensions): one thing that the stage
// and the page both change. Each tells the other; neither undoes what the other has not heard of yet.

/** @typedef {Record<string, any>} Values */

const QUIET = 300; // milliseconds without another step before the page is told where the stage stands

export class Look {
  /** @param {(changes: Values) => void} apply is called with what the page has changed */
  constructor(apply) {
    this.apply = apply;
    /** @type {Values} as last told or heard */
    this.known = {};
    /** @type {Values} told, but not yet confirmed: sent again with whatever follows */
    this.unheard = {};
    this.listened = false;
    /** @type {(name: string, value: any) => void} */
    this.send = () => {};
    this.sent = "";
    this.count = 0;
    this.waiting = 0;
  }

  /**
   * Takes what the page says; `heard` is the id of the latest change that it knew when it wrote this.
   * @param {{heard: string, look: Values, listened: boolean}} said
   * @param {(name: string, value: any) => void} send
   */
  hear({ heard, look, listened }, send) {
    this.listened = listened;
    this.send = send;
    if (this.sent && heard !== this.sent) return; // written before the page heard of what was done here
    this.unheard = {};
    const changes = differing(look, this.known);
    this.known = { ...look };
    if (Object.keys(changes).length) this.apply(changes);
  }

  /** @param {Values} changes */
  tell(changes) {
    const news = differing(changes, this.known);
    if (!this.listened || !Object.keys(news).length) return;
    Object.assign(this.known, news);
    Object.assign(this.unheard, news);
    this.sent = `${Date.now().toString(36)}-${++this.count}`;
    this.send("look", { id: this.sent, changes: { ...this.unheard } });
  }

  /**
   * Says where the stage stands, -1 while it plays: told once it has stood there a moment.
   * @param {number} step
   */
  place(step) {
    clearTimeout(this.waiting);
    this.waiting = window.setTimeout(() => this.tell({ step }), QUIET);
  }

  close() {
    clearTimeout(this.waiting);
  }
}

/**
 * @param {Values} values
 * @param {Values} known
 * @returns {Values}
 */
function differing(values, known) {
  return Object.fromEntries(Object.entries(values).filter(([key, value]) => known[key] !== value));
}
