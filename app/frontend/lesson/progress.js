// The component that keeps a student's answers in the browser: it hands Python those of earlier visits once, and from
// then on keeps whatever Python knows.

import { keep, kept } from "./kept.js";

const NAME = "gradient-balancing/answers";

/**
 * @param {import("../component.js").Component} component
 * @returns {() => void} nothing is to be taken away
 */
export function mountProgress({ data, setTriggerValue }) {
  if (data.heard) keep(NAME, data.answers);
  else setTriggerValue("kept", kept(NAME) ?? []);
  return () => {};
}
