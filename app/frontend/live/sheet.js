// The same controls a second time, at the window's lower edge: a strip in front of a class, a sheet on a phone. The stage
// above stays in view while a hand moves them.

import { show, whenShown } from "./bus.js";
import { element } from "./element.js";

/** @typedef {import("./bus.js").How} How */

const THEME = ["text-color", "background-color", "secondary-background-color", "primary-color", "base-radius", "font"];

export class Sheet {
  /**
   * @param {import("./panel.js").Panel} panel
   * @param {string} css
   */
  constructor(panel, css) {
    this.panel = panel;
    this.css = css;
    this.slot = "";
    this.unhear = () => {};
    /** @type {{host: HTMLElement, region: HTMLElement} | undefined} made when it is first opened */
    this.made = undefined;
    this.sizing = new ResizeObserver(() => this.measure());
  }

  /** @param {string} slot of the stage that the controls move */
  listen(slot) {
    if (this.made) this.dress(this.made.host);
    if (slot === this.slot) return;
    this.unhear();
    this.slot = slot;
    this.unhear = whenShown(slot, (how) => this.open(how));
  }

  destroy() {
    this.unhear();
    this.sizing.disconnect();
    this.made?.host.remove();
    if (this.made) this.measure();
  }

  /** @param {How} how */
  open(how) {
    if (!how && !this.made) return;
    const { host, region } = this.made ?? this.make();
    host.hidden = !how;
    region.dataset.how = how;
    if (how) this.dress(host);
    this.measure();
    if (how) region.focus({ preventScroll: true });
  }

  make() {
    const host = element("div", { class: "controls-below", hidden: true });
    const close = element("button", { type: "button", class: "close", "aria-label": "Hide the controls" }, "×");
    close.addEventListener("click", () => show(this.slot, ""));
    const root = element("div", { class: "live" });
    const region = element("section", { class: "below", "aria-label": "Controls", tabindex: -1 }, close, root);
    host.attachShadow({ mode: "open" }).append(element("style", {}, this.css), region);
    document.body.append(host);
    this.panel.standIn(root);
    this.sizing.observe(region);
    this.made = { host, region };
    return this.made;
  }

  /**
   * Gives it the colours and the type of the page, which stand on the component's own element.
   * @param {HTMLElement} host
   */
  dress(host) {
    const style = getComputedStyle(this.panel.root);
    for (const name of THEME) host.style.setProperty(`--st-${name}`, style.getPropertyValue(`--st-${name}`));
  }

  /** Says how high it is, so that the page keeps that room free. */
  measure() {
    const high = this.made?.host.isConnected ? this.made.region.getBoundingClientRect().height : 0;
    document.documentElement.style.setProperty("--controls-height", `${high}px`);
  }
}
