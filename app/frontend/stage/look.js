// How the runs are looked at (start followed, step it stands at, speed, pair of dimensions): one thing that the stage
// and the page both change. Each tells the other; neither undoes what the other has not heard of yet.

const QUIET = 300; // milliseconds without another step before the page is told where the stage stands

export class Look {
  // apply(changes) is called with what the page has changed.
  constructor(apply) {
    this.apply = apply;
    this.known = {}; // as last told or heard
    this.unheard = {}; // told, but not yet confirmed: sent again with whatever follows
    this.sent = "";
    this.count = 0;
  }

  // heard: the id of the latest change that the page knew when it wrote this.
  hear({ heard, look, listened }, send) {
    this.listened = listened;
    this.send = send;
    if (this.sent && heard !== this.sent) return; // written before the page heard of what was done here
    this.unheard = {};
    const changes = differing(look, this.known);
    this.known = { ...look };
    if (Object.keys(changes).length) this.apply(changes);
  }

  tell(changes) {
    const news = differing(changes, this.known);
    if (!this.listened || !Object.keys(news).length) return;
    Object.assign(this.known, news);
    Object.assign(this.unheard, news);
    this.sent = `${Date.now().toString(36)}-${++this.count}`;
    this.send("look", { id: this.sent, changes: { ...this.unheard } });
  }

  // Where the stage stands, -1 while it plays: told once it has stood there a moment.
  place(step) {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.tell({ step }), QUIET);
  }

  close() {
    clearTimeout(this.waiting);
  }
}

function differing(values, known) {
  return Object.fromEntries(Object.entries(values).filter(([key, value]) => known[key] !== value));
}
