// What the marks mean, and which of several pairs of dimensions is drawn.

/** @typedef {import("./scene.js").Scene} Scene */

/** @typedef {import("./theme.js").Theme} Theme */

/** @typedef {[icon: string, text: string]} Item */

/**
 * @param {Element} element
 * @param {Scene} scene
 * @param {Theme} theme
 */
export function fillLegend(element, scene, theme) {
  const items = scene.labels ? labelItems(scene, theme) : pathItems(scene, theme);
  element.replaceChildren(
    ...items.map(([icon, text]) => {
      const item = document.createElement("span");
      item.innerHTML = icon; // our own markup: nothing of the payload's text goes in here
      item.append(text);
      return item;
    }),
  );
}

/**
 * @param {Scene} scene
 * @param {Theme} theme
 * @returns {Item[]}
 */
function pathItems(scene, theme) {
  /** @type {Item[]} */
  const items = scene.tasks.map((name, task) => [arrowIcon(theme.tasks[task], 3), `downhill: ${name}`]);
  items.push([arrowIcon(theme.update, 5.5), "update"]);
  if (scene.front) items.push([lineIcon(theme.front), "Pareto front"]);
  if (scene.star) items.push([starIcon([theme.front_text]), "optimum of the weighted sum"]);
  else items.push([starIcon(scene.tasks.map((_, task) => theme.tasks[task])), "optimum"]);
  if (!scene.front) items.push([solvedIcon(theme.front, scene.guide), "solved"]);
  items.push([dotIcon(theme.ink, theme.surface, 2.5), startText(scene)]);
  return items;
}

/**
 * @param {Scene} scene
 * @param {Theme} theme
 * @returns {Item[]}
 */
function labelItems(scene, theme) {
  /** @type {Item[]} */
  const items = scene.tasks.map((name, task) => [arrowIcon(theme.tasks[task], 3), `${name}: called 1 on this side`]);
  items.push([dotIcon(theme.muted, theme.muted), "labelled 1"], [dotIcon(theme.muted, theme.surface), "labelled 0"]);
  items.push([dotIcon(theme.front, theme.surface, 2.5), "both tasks served"]);
  return items;
}

/** @param {Scene} scene */
function startText(scene) {
  if (!scene.draggable) return "start";
  return scene.starts > 1 ? "start: drag it, or click to follow" : "start: drag it";
}

/**
 * As large as the type beside it.
 * @param {number} width of a drawing that is 14 high
 * @param {string} inner
 */
function svg(width, inner) {
  return `<svg aria-hidden="true" viewBox="0 0 ${width} 14" width="${width / 14}em" height="1em">${inner}</svg>`;
}

/**
 * @param {string} colour
 * @param {number} width
 */
function arrowIcon(colour, width) {
  return svg(30, `<path d="M1 7h19" stroke="${colour}" stroke-width="${width}"/><path d="M30 7 18 0.5v13z" fill="${colour}"/>`);
}

/** @param {string} colour */
function lineIcon(colour) {
  return svg(30, `<path d="M2 7h26" stroke="${colour}" stroke-width="4" stroke-linecap="round"/>`);
}

/**
 * @param {string} stroke
 * @param {string} fill
 * @param {number} [width]
 */
function dotIcon(stroke, fill, width = 1.5) {
  return svg(14, `<circle cx="7" cy="7" r="5" stroke="${stroke}" fill="${fill}" stroke-width="${width}"/>`);
}

/**
 * The ring around a path that has solved the problem, and the dashed line of the loss below which it has.
 * @param {string} colour
 * @param {number[] | null} guide
 */
function solvedIcon(colour, guide) {
  const line = guide ? `<path d="M15 7h15" stroke="${colour}" stroke-width="1.5" stroke-dasharray="3 3"/>` : "";
  return svg(guide ? 30 : 14, `<circle cx="7" cy="7" r="5.5" fill="none" stroke="${colour}" stroke-width="2.5"/>${line}`);
}

const STAR = "M7 0l1.8 4.6 4.9.2-3.9 3.1 1.4 4.7L7 9.9l-4.2 2.7 1.4-4.7L.3 4.8l4.9-.2z";

/** @param {string[]} colours */
function starIcon(colours) {
  return svg(16 * colours.length - 2, colours.map((c, i) => `<path transform="translate(${16 * i} 0)" d="${STAR}" fill="${c}"/>`).join(""));
}

/**
 * Which pair of many dimensions the panels show, and a button for each.
 * @param {HTMLElement} element
 * @param {Scene} scene
 * @param {(pair: number) => void} choose
 */
export function fillPairs(element, scene, choose) {
  const pairs = Math.floor(scene.d / 2);
  element.hidden = pairs < 2;
  if (pairs < 2) return element.replaceChildren();
  const shown = Math.floor(scene.pair[0] / 2);
  const words = document.createElement("span");
  words.textContent = `Pair ${shown + 1} of ${pairs} shown; charts are of all ${scene.d} dimensions.`;
  const root = /** @type {Document | ShadowRoot} */ (element.getRootNode());
  const focused = element.contains(root.activeElement);
  const buttons = Array.from({ length: pairs }, (_, pair) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = `pair ${pair + 1}`;
    button.setAttribute("aria-pressed", String(pair === shown));
    button.addEventListener("click", () => choose(pair));
    return button;
  });
  element.replaceChildren(words, ...buttons);
  if (focused) buttons[shown].focus();
}
