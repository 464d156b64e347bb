// The component: one panel of controls in an element of the page.

import { Standing } from "../standing.js";
import css from "./live.css";
import { element } from "./element.js";
import { Panel } from "./panel.js";
import { Sheet } from "./sheet.js";

const panels = new Standing((parent) => {
  const panel = new Panel(element("div", { class: "live" }));
  parent.append(element("style", {}, css), panel.root);
  const sheet = new Sheet(panel, css);
  const destroy = () => [panel, sheet].forEach((one) => one.destroy());
  return { root: panel.root, panel, sheet, destroy };
});

/**
 * Draws a panel in the component's element, once, and hands it what Python has sent.
 *
 * @param {import("../component.js").Component} component
 * @returns {() => void} takes the panel away
 */
export function mountControls({ data, parentElement, setTriggerValue }) {
  const { panel, sheet } = panels.in(parentElement);
  panel.send = (change) => setTriggerValue("change", change);
  panel.hear(data);
  sheet.listen(data.slot);
  return panels.leaving(parentElement);
}
