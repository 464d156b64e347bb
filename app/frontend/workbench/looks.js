// @ts-check
// Colours and dashes: a task keeps its colour everywhere, a method has one that no task has, and a dash.

const OWN = [2, 3, 4, 5]; // of the palette's colours of methods, those that no task has
const DASHES = ["", "14 6", "4 5"];

/** How the method at this place among those shown is drawn. @param {{ methods: string[] }} theme @param {number} place */
export function lookOf(theme, place) {
  return { colour: theme.methods[OWN[place % OWN.length]], dash: DASHES[Math.floor(place / OWN.length) % DASHES.length] };
}
