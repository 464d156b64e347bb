// A quiet line for who is here for the first time: it offers the first lesson, once, and moves nothing on the page.

import { element } from "../live/element.js";
import { Standing } from "../standing.js";
import { keep, kept } from "./kept.js";
import css from "./offer.css";

const NAME = "gradient-balancing/offered";

class Offer {
  /** @param {any} parent */
  constructor(parent) {
    this.root = element("div", { class: "offer", role: "region", "aria-label": "First lesson", hidden: true });
    parent.append(element("style", {}, css), this.root);
    this.told = false;
  }

  /** @param {{text: string, open: string, address: string}} data */
  hear({ text, open, address }) {
    if (this.told) return;
    this.told = true;
    if (kept(NAME)) return;
    keep(NAME, true);
    const close = element("button", { type: "button", "aria-label": "Close this offer" }, "✕");
    close.addEventListener("click", () => (this.root.hidden = true));
    const link = element("a", { href: new URL(address, document.baseURI).href, target: "_self" }, open);
    this.root.append(element("span", {}, text), link, close);
    this.root.hidden = false;
  }

  destroy() {}
}

const offers = new Standing((parent) => new Offer(parent));

/**
 * @param {import("../component.js").Component} component
 * @returns {() => void} takes the offer away
 */
export function mountOffer({ data, parentElement }) {
  offers.in(parentElement).hear(data);
  return offers.leaving(parentElement);
}
