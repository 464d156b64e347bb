// The values of the controls, which a person and the server both change. Each tells the other; what the server says
// does not undo what it has not heard of yet.

/** @typedef {import("./spec.js").Values} Values */
/** @typedef {{id: string, values: Values}} Change */

export class Exchange {
  /** @param {string} name of this exchange, different from every other one's: it begins the ids of its changes */
  constructor(name) {
    this.name = name;
    /** @type {Values} what the controls show */
    this.values = {};
    /** @type {Values} what the server said last */
    this.confirmed = {};
    /** @type {Map<string, {count: number, value: any}>} told, and not answered yet */
    this.unheard = new Map();
    /** @type {Set<string>} under a hand */
    this.held = new Set();
    this.count = 0;
  }

  get id() {
    return this.count ? `${this.name}-${this.count}` : "";
  }

  /**
   * Takes what the server says: all but what a person has changed since.
   * @param {string} heard the id of the latest change that the server knew when it wrote this
   * @param {Values} values
   * @returns {boolean} whether the server knows nothing of what it was told: it began anew, and wants to hear it again
   */
  hear(heard, values) {
    const known = heard.startsWith(`${this.name}-`) ? Number(heard.slice(this.name.length + 1)) : 0;
    for (const [key, { count }] of this.unheard) if (count <= known) this.unheard.delete(key);
    this.confirmed = values;
    const kept = Object.entries(this.values).filter(([key]) => this.held.has(key) || this.unheard.has(key));
    this.values = { ...values, ...Object.fromEntries(kept) };
    return !known && this.unheard.size > 0;
  }

  /**
   * A hand moves a field.
   * @param {string} key
   * @param {any} value
   */
  hold(key, value) {
    this.held.add(key);
    this.values[key] = value;
  }

  /**
   * The hand lets a field go. Returns what the server is to be told, null where nothing has changed.
   * @param {string} key
   * @returns {Change | null}
   */
  release(key) {
    this.held.delete(key);
    const value = this.values[key];
    const last = this.unheard.has(key) ? this.unheard.get(key)?.value : this.confirmed[key];
    return same(value, last) ? null : this.tell(key, value);
  }

  /**
   * Returns a change to tell: this value, and with it all that is not answered yet, in the order of the changes.
   * @param {string} key
   * @param {any} value
   * @returns {Change}
   */
  tell(key, value) {
    this.count += 1;
    this.unheard.delete(key);
    this.unheard.set(key, { count: this.count, value });
    return this.again();
  }

  /** @returns {Change} all that is not answered yet */
  again() {
    return { id: this.id, values: Object.fromEntries([...this.unheard].map(([key, { value }]) => [key, value])) };
  }

  /** @returns {Values} what the server has not confirmed yet */
  get news() {
    const keys = [...this.unheard.keys(), ...this.held].filter((key) => key in this.values);
    return Object.fromEntries(keys.map((key) => [key, this.values[key]]));
  }
}

/**
 * @param {any} one
 * @param {any} other
 */
function same(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}
