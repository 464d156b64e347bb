// The component: one stage per mounted element, kept through changes of its data.

import css from "./stage.css";
import html from "./stage.html";
import { part } from "./parts.js";
import { Stage } from "./stage.js";

/** @type {WeakMap<Element, Stage>} */
const stages = new WeakMap();

/**
 * Draws a stage in the component's element, once, and hands it what Python has sent.
 *
 * @param {import("../component.js").Component} component
 * @returns {() => void} takes the stage away
 */
export function mountStage({ data, parentElement, setTriggerValue }) {
  let stage = stages.get(parentElement);
  if (stage && !parentElement.contains(stage.root)) {
    stage.destroy();
    stage = undefined;
  }
  if (!stage) {
    parentElement.append(document.createRange().createContextualFragment(`<style>${css}</style>${html}`));
    stage = new Stage(part(parentElement, ".stage"));
    stages.set(parentElement, stage);
  }
  stage.send = setTriggerValue;
  stage.host = parentElement.host ?? parentElement;
  stage.refreshTheme();
  stage.look.hear(data, setTriggerValue);
  stage.listen(data.slot);
  return () => {
    stages.get(parentElement)?.destroy();
    stages.delete(parentElement);
  };
}
