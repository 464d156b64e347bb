// What the page loads: one mount a component (see app/frontend/__init__.py).

export { mountStage as stage } from "./stage/mount.js";
export { mountControls as controls } from "./live/mount.js";
export { mountRace as race } from "./race/mount.js";
export { mountWorkbench as workbench } from "./workbench/mount.js";
export { mountProgress as progress } from "./lesson/progress.js";
export { mountOffer as offer } from "./lesson/offer.js";
