// How large things on the stage are, and how much room they leave each other: on a page, and in front of a class. In
// units of the layout: on a page these are CSS pixels, in front of a class a larger or smaller screen makes larger or
// smaller units of them.

/**
 * Where charts stand: the least width they take, their height below the panels or, beside them, what they need at least.
 * `most`: so many of them, where there is no room for all.
 * @typedef {{perLine: number, least: number, height: number, tall?: number, most?: number}} Place
 */

/**
 * @typedef {object} Measures
 * @property {string[]} charts what the small charts of a method show
 * @property {number} gap between panels, and between charts
 * @property {number} title the line above a panel
 * @property {number} rowGap
 * @property {number} columnGap
 * @property {number} above what stands above the canvas in the window
 * @property {number} phone narrower than this, panels stand one below the other
 * @property {number} cell the least width of one of several columns
 * @property {{methods: number, cell: number}} crowded the same where there are more methods than this
 * @property {{least: number, fitting: number, usual: number, most: number}} sizes of a panel; `fitting`: so small to fit a
 *   screen, `usual` where it fits none
 * @property {Record<string, Place>} places
 * @property {number} worth panels this much larger are worth another arrangement
 * @property {number} marks the size of a chart's smallest type
 * @property {boolean} fills whether charts below the panels grow into what is left of the screen
 */

const CHART = 123; // the least width of a chart
const LARGE = 150; // the same of one with large type
const CLOSE = 10; // a gap where every pixel counts
const CHARTS = ["losses", "cosine", "ratio", "condition"];
const FOLLOWING = [...CHARTS, "lag"]; // where views turn, and with them the optimum that the network follows

/**
 * On a page: navigation, heading, buttons and legend stand above it.
 * @param {string[]} charts
 * @returns {Measures}
 */
function onPage(charts) {
  const [count, half] = [charts.length, Math.ceil(charts.length / 2)];
  return {
    charts, gap: 14, title: 24, rowGap: 26, columnGap: 32, above: 250, phone: 460, cell: 560,
    crowded: { methods: 4, cell: 440 },
    sizes: { least: 120, fitting: 150, usual: 184, most: 520 },
    places: {
      beside: { perLine: half, least: across(half, CHART, 14), height: 0, tall: 192 }, // tall: for two charts to be legible
      line: { perLine: count, least: across(count, CHART, 14), height: 116 },
      square: { perLine: half, least: across(half, CHART, 14), height: 214 },
    },
    worth: 1.15,
    marks: 12,
    fills: false,
  }; // prettier-ignore
}

/**
 * In front of a class: what stands above it has been taken off already, and everything is to fit.
 * @param {string[]} charts
 * @returns {Measures}
 */
function inHall(charts) {
  const [count, half] = [charts.length, Math.ceil(charts.length / 2)];
  return {
    ...onPage(charts),
    gap: CLOSE, rowGap: CLOSE, columnGap: 24, above: 0, cell: 500, crowded: { methods: 4, cell: 500 },
    sizes: { least: 50, fitting: 50, usual: 50, most: 900 },
    places: {
      beside: { perLine: half, least: across(half, LARGE, CLOSE), height: 0, tall: 200 },
      line: { perLine: count, least: across(count, LARGE, CLOSE), height: 106 },
      square: { perLine: half, least: across(half, LARGE, CLOSE), height: 212 },
      column: { perLine: 1, least: LARGE, height: 0, tall: 186, most: 2 },
    },
    marks: 14,
    fills: true,
  }; // prettier-ignore
}

/**
 * @param {number} count of charts side by side
 * @param {number} least
 * @param {number} gap
 */
function across(count, least, gap) {
  return count * least + (count - 1) * gap;
}

export const DESK = onPage(CHARTS);
export const DESK_FOLLOWING = onPage(FOLLOWING);
export const LECTURE = inHall(CHARTS);
export const LECTURE_FOLLOWING = inHall(FOLLOWING);

const TYPE = 24 / LECTURE.marks; // pixels to a unit on a screen of 1920 by 1080: the smallest type is 24 pixels there

/**
 * Returns how many CSS pixels a unit is in front of a class. Type is the same share of every screen, since the class
 * sits as far from each; on a window so small that it is nobody's projector, as large as on a page.
 * @param {number} width of the window
 * @param {number} height
 */
export function zoomFor(width, height) {
  return Math.max(1, TYPE * Math.min(width / 1920, height / 1080));
}
