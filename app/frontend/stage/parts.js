// Parts of the stage's own markup (stage.html).

/**
 * Returns the element that a selector finds. Throws where the markup has none.
 * @param {HTMLElement} root
 * @param {string} selector
 */
export function part(root, selector) {
  const found = root.querySelector(selector);
  if (!(found instanceof HTMLElement)) throw new Error(`The stage's markup has no element ${selector}.`);
  return found;
}

/**
 * Returns the form's element (an input, a select) that a selector finds. Throws where the markup has none.
 * @param {HTMLElement} root
 * @param {string} selector
 */
export function input(root, selector) {
  return /** @type {HTMLInputElement} */ (part(root, selector));
}
