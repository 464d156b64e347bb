// What one part of a page tells another while a hand moves something: an event a slot, so that two stages with their
// controls in one page do not hear each other. Two components share a window and perhaps no module.

/**
 * What the server has not confirmed yet.
 * @typedef {object} News
 * @property {Record<string, any>} values by field: all of them, so that the former news can be forgotten
 * @property {boolean} held whether a hand still holds one of them
 * @property {string} id of the change that the server was told last, "" before the first
 */

/** @param {string} slot */
const nameOf = (slot) => `gradient-balancing:${slot}`;

/**
 * Tells whoever listens to this slot.
 * @param {string} slot
 * @param {News} news
 */
export function publish(slot, news) {
  window.dispatchEvent(new CustomEvent(nameOf(slot), { detail: news }));
}

/**
 * Calls the listener with all news of this slot from now on. Returns what ends it.
 * @param {string} slot
 * @param {(news: News) => void} listener
 * @returns {() => void}
 */
export function subscribe(slot, listener) {
  /** @param {Event} event */
  const hear = (event) => listener(/** @type {CustomEvent<News>} */ (event).detail);
  window.addEventListener(nameOf(slot), hear);
  return () => window.removeEventListener(nameOf(slot), hear);
}

/** @typedef {"" | "strip" | "sheet"} How a second set of controls is shown over the page, "": not at all */

/**
 * Tells the controls of this slot, and whoever wants to know, how they are to be shown beside the stage.
 * @param {string} slot
 * @param {How} how
 */
export function show(slot, how) {
  window.dispatchEvent(new CustomEvent(`${nameOf(slot)}/shown`, { detail: how }));
}

/**
 * Calls the listener whenever that changes. Returns what ends it.
 * @param {string} slot
 * @param {(how: How) => void} listener
 * @returns {() => void}
 */
export function whenShown(slot, listener) {
  /** @param {Event} event */
  const hear = (event) => listener(/** @type {CustomEvent<How>} */ (event).detail);
  window.addEventListener(`${nameOf(slot)}/shown`, hear);
  return () => window.removeEventListener(`${nameOf(slot)}/shown`, hear);
}
