// What Streamlit hands to a component of the page (its Components v2).

/**
 * @typedef {object} Component
 * @property {any} data what Python has sent
 * @property {any} parentElement where the component draws: an element, or the root of its shadow tree
 * @property {(name: string, value: any) => void} setTriggerValue tells Python of something that happened, once
 * @property {(name: string, value: any) => void} setStateValue tells Python of something that stays so
 * @property {string} key
 */

export {};
