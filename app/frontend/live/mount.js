// The component: one panel of controls per mounted element, kept through changes of its data.

import { watchServer } from "../connection.js";
import css from "./live.css";
import { element } from "./element.js";
import { Panel } from "./panel.js";

/** @type {WeakMap<Element, Panel>} */
const panels = new WeakMap();

/** @type {WeakMap<Element, () => void>} what ends the watch on the server */
const leaves = new WeakMap();

/**
 * Draws a panel in the component's element, once, and hands it what Python has sent.
 *
 * @param {import("../component.js").Component} component
 * @returns {() => void} takes the panel away
 */
export function mountControls({ data, parentElement, setTriggerValue }) {
  let panel = panels.get(parentElement);
  if (!panel || !parentElement.contains(panel.root)) {
    const made = new Panel(element("div", { class: "live" }));
    leaves.set(parentElement, watchServer((away) => away || made.again()));
    panel = made;
    parentElement.append(element("style", {}, css), panel.root);
    panels.set(parentElement, panel);
  }
  panel.send = (change) => setTriggerValue("change", change);
  panel.hear(data);
  return () => {
    leaves.get(parentElement)?.();
    panels.delete(parentElement);
  };
}
