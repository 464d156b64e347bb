// Gives every part of the page that scrolls sideways a place in the keyboard's order, as long as it scrolls.

const SCROLLING = ".katex-display, .lab-table, .st-key-lab-each-task, .st-key-lab-bars";
const INSIDE = "a[href], button, input, select, textarea, [tabindex='0']";

function reach(root) {
  for (const element of root.querySelectorAll(SCROLLING)) {
    const scrolls = element.scrollWidth > element.clientWidth && !element.querySelector(INSIDE);
    if (scrolls === element.hasAttribute("tabindex")) continue;
    element.toggleAttribute("tabindex", scrolls);
    if (scrolls) {
      element.tabIndex = 0;
      element.setAttribute("role", "group");
      element.setAttribute("aria-label", "Scrolls sideways");
    } else for (const name of ["role", "aria-label"]) element.removeAttribute(name);
  }
}

export default function ({ parentElement }) {
  const root = parentElement.ownerDocument;
  let asked = 0;
  const ask = () => {
    cancelAnimationFrame(asked);
    asked = requestAnimationFrame(() => reach(root));
  };
  const changes = new MutationObserver(ask);
  changes.observe(root.body, { childList: true, subtree: true });
  addEventListener("resize", ask);
  ask();
  return () => {
    changes.disconnect();
    removeEventListener("resize", ask);
    cancelAnimationFrame(asked);
  };
}
