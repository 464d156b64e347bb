// The component: one panel of controls per mounted element, kept through changes of its data.

import { Panel } from "./panel.js";

/** @type {WeakMap<Element | ShadowRoot, Panel>} */
const panels = new WeakMap();

/**
 * @param {object} mounted
 * @param {import("./panel.js").Told} mounted.data
 * @param {HTMLElement | ShadowRoot} mounted.parentElement
 * @param {(name: string, value: any) => void} mounted.setTriggerValue
 */
export default function mount({ data, parentElement, setTriggerValue }) {
  const root = /** @type {HTMLElement} */ (parentElement.querySelector(".live"));
  let panel = panels.get(parentElement);
  if (panel?.root !== root) panels.set(parentElement, (panel = new Panel(root)));
  panel.send = (change) => setTriggerValue("change", change);
  panel.hear(data);
  return () => panels.delete(parentElement);
}
