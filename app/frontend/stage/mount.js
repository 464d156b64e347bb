// The component: one stage in an element of the page.

import { Standing } from "../standing.js";
import presenting from "../present/present.css";
import css from "./stage.css";
import html from "./stage.html";
import { part } from "./parts.js";
import { Stage } from "./stage.js";

const stages = new Standing((parent) => {
  parent.append(document.createRange().createContextualFragment(`<style>${css}${presenting}</style>${html}`));
  return new Stage(part(parent, ".stage"));
});

/**
 * Draws a stage in the component's element, once, and hands it what Python has sent.
 *
 * @param {import("../component.js").Component} component
 * @returns {() => void} takes the stage away
 */
export function mountStage({ data, parentElement, setTriggerValue }) {
  const stage = stages.in(parentElement);
  stage.send = setTriggerValue;
  stage.host = parentElement.host ?? parentElement;
  stage.refreshTheme();
  stage.look.hear(data, setTriggerValue);
  stage.guess.hear(data.guess);
  stage.listen(data.slot);
  return stages.leaving(parentElement);
}
