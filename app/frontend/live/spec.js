// What a control is told of its field, as app/live/specs.py writes it.

/**
 * @typedef {object} Spec
 * @property {string} key of the field
 * @property {string} label
 * @property {"float" | "int" | "choice" | "bool" | "text" | "shares"} kind
 * @property {any} default
 * @property {string} [help]
 * @property {number} [low] the smallest number that it takes
 * @property {number} [high] the largest
 * @property {number} [step] between two stops of an even range
 * @property {"log"} [scale] the stops stand closer where the numbers are small
 * @property {number} [first] the smallest stop of a logarithmic range besides a zero
 * @property {number[]} [stops] all that it takes, where these are few
 * @property {string[]} [by] the fields that decide what it takes
 * @property {Record<string, number[]>} [takes] their values, with commas between -> what it takes
 * @property {number} [whole] the value that stands for all of the first of them
 * @property {number} [drawn] another value can be drawn, from the whole numbers below this one
 * @property {string[]} [choices]
 * @property {string[]} [labels] of the shares
 * @property {number} [total] what the shares sum to
 * @property {number} [least] the smallest share
 */

/**
 * @typedef {object} Group
 * @property {string} title
 * @property {Spec[]} controls
 * @property {boolean} [folded] closed at first
 */

/** @typedef {Record<string, any>} Values by field */

export {};
