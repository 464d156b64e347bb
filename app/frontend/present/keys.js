// Which key does what in front of a class: one list, which the page shows and goes by.

/**
 * @typedef {object} Key
 * @property {string} act what is done, "" where the stage's own keys do it (see ../stage/controls.js)
 * @property {string[]} keys as events name them
 * @property {string} shown as people name them
 * @property {string} says
 * @property {boolean} [anywhere] whether it is heard outside a presentation
 * @property {boolean} [shift] whether it is the one with shift, where a letter has two meanings
 */

/** @type {Key[]} */
export const KEYS = [
  { act: "", keys: [" "], shown: "Space", says: "play and pause", anywhere: true },
  { act: "", keys: ["ArrowLeft", "ArrowRight"], shown: "← →", says: "step; with Shift ten steps", anywhere: true },
  { act: "", keys: ["Home", "End"], shown: "Home, End", says: "first and last step", anywhere: true },
  { act: "present", keys: ["p"], shown: "P", says: "enter and leave the presentation", anywhere: true },
  { act: "leave", keys: ["Escape"], shown: "Esc", says: "leave what was entered last" },
  { act: "loop", keys: ["o"], shown: "O", says: "start again at the end, or not" },
  { act: "faster", keys: ["+", "="], shown: "+", says: "faster" },
  { act: "slower", keys: ["-", "−"], shown: "−", says: "slower" },
  { act: "next", keys: ["n", "PageDown"], shown: "N, Page down", says: "next preset" },
  { act: "previous", keys: ["n", "PageUp"], shown: "Shift N, Page up", says: "preset before", shift: true },
  { act: "controls", keys: ["c"], shown: "C", says: "show and hide the controls" },
  { act: "freeze", keys: ["f"], shown: "F", says: "freeze the picture: it stands still, and clicks do nothing" },
  { act: "laser", keys: ["l"], shown: "L", says: "a dot that follows the pointer" },
  { act: "black", keys: ["b", "."], shown: "B, full stop", says: "black screen" },
  { act: "keys", keys: ["?"], shown: "?", says: "this list", anywhere: true },
];

const STILL = ["freeze", "black", "laser", "leave", "keys"]; // heard over a picture that stands still

/** @typedef {Pick<KeyboardEvent, "key" | "shiftKey" | "altKey" | "ctrlKey" | "metaKey">} Pressed */

/** @typedef {{presenting: boolean, still: boolean, on: "text" | "slider" | ""}} State on: what has the focus */

/**
 * Returns what a key does in a state, "" for nothing, null where the key is someone else's.
 * @param {Pressed} pressed
 * @param {State} state
 */
export function actOf(pressed, { presenting, still, on }) {
  if (pressed.altKey || pressed.ctrlKey || pressed.metaKey) return null;
  const named = /^F\d|^(Shift|Tab)$/.test(pressed.key); // the browser's, and what goes from one thing to the next
  if (still) return keyOf(pressed, (key) => STILL.includes(key.act))?.act ?? (named && pressed.key !== "Tab" ? null : "");
  if (on === "text" || (on === "slider" && pressed.key.startsWith("Page"))) return null;
  return keyOf(pressed, (key) => presenting || Boolean(key.anywhere))?.act || null;
}

/**
 * @param {Pressed} pressed
 * @param {(key: Key) => boolean} heard
 */
function keyOf({ key, shiftKey }, heard) {
  const letter = /^[a-z]$/i.test(key);
  const name = letter ? key.toLowerCase() : key;
  const shifted = (/** @type {Key} */ { shift }) => !letter || Boolean(shift) === shiftKey;
  return KEYS.find((one) => one.keys.includes(name) && shifted(one) && heard(one));
}
