// @ts-check
// The component: one workbench in an element of the page.

import { files, json } from "../engine/files.js";
import { element } from "../live/element.js";
import { Standing } from "../standing.js";
import { Bench } from "./bench.js";
import css from "./workbench.css";

const ABSENT = "This browser cannot compute here: it has no WebAssembly, or the server did not hand out the kernels.";

/** An element for the workbench, which stands in it once the kernels are there. */
class Place {
  /** @param {any} parent */
  constructor(parent) {
    this.root = element("div", { class: "bench" });
    parent.append(element("style", {}, css), this.root);
    /** @type {Bench | null} */ this.bench = null;
    /** @type {any} what Python has said last */ this.said = null;
    /** @type {(change: any) => void} */ this.send = () => {};
    this.ended = false;
    Promise.all([files(), json("workbench.json")]).then(
      ([{ engine }, told]) => this.begin(engine, told),
      () => this.root.replaceChildren(element("p", {}, ABSENT)),
    );
  }

  /** @param {import("../engine/memory.js").Engine} engine @param {import("./bench.js").Told} told */
  begin(engine, told) {
    if (this.ended) return;
    this.bench = new Bench(this.root, engine, told);
    this.hear();
  }

  hear() {
    if (!this.bench || !this.said) return;
    this.bench.send = this.send;
    this.bench.hear(this.said);
  }

  destroy() {
    this.ended = true;
    this.bench?.destroy();
  }
}

const places = new Standing((parent) => new Place(parent));

/**
 * Draws a workbench in the component's element, once, and hands it what Python has sent.
 *
 * @param {import("../component.js").Component} component
 * @returns {() => void} takes the workbench away
 */
export function mountWorkbench({ data, parentElement, setTriggerValue }) {
  const place = places.in(parentElement);
  place.said = data;
  place.send = (change) => setTriggerValue("change", change);
  place.hear();
  return places.leaving(parentElement);
}
