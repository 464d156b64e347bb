// The component: one panel of controls in an element of the page.

import { Standing } from "../standing.js";
import css from "./live.css";
import { element } from "./element.js";
import { Panel } from "./panel.js";

const panels = new Standing((parent) => {
  const panel = new Panel(element("div", { class: "live" }));
  parent.append(element("style", {}, css), panel.root);
  return panel;
});

/**
 * Draws a panel in the component's element, once, and hands it what Python has sent.
 *
 * @param {import("../component.js").Component} component
 * @returns {() => void} takes the panel away
 */
export function mountControls({ data, parentElement, setTriggerValue }) {
  const panel = panels.in(parentElement);
  panel.send = (change) => setTriggerValue("change", change);
  panel.hear(data);
  return panels.leaving(parentElement);
}
