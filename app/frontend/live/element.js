// Elements of the page, and the row that every control has: its name, its help, and what else stands beside the name.

let count = 0;

/**
 * Returns a new element with attributes, and with what belongs into it; an attribute that is undefined is left out.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number | boolean | undefined>} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : String(value));
  made.append(...children);
  return made;
}

/** Returns an id that no other element has. */
export function freshId() {
  count += 1;
  return `live-${count}`;
}

/**
 * Returns a control's head: its name, a label of the element with id `named` where that takes one, and its help.
 * @param {string} label
 * @param {string} help "" where there is none
 * @param {string} [named]
 */
export function headOf(label, help, named) {
  const id = freshId();
  const title = named ? element("label", { for: named, id }, label) : element("span", { id, class: "name" }, label);
  const head = element("div", { class: "head" }, title);
  const tip = help ? freshId() : undefined;
  if (tip) {
    const mark = element("button", { type: "button", class: "help", "aria-label": `About ${label}`, "aria-describedby": tip });
    mark.append("?");
    mark.addEventListener("keydown", (event) => event.key === "Escape" && mark.blur());
    head.append(mark, element("span", { class: "tip", role: "tooltip", id: tip }, help));
  }
  return { head, label: id, tip };
}
