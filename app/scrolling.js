// What scrolls by itself has a place in the keyboard's order, as long as it scrolls; the wheel scrolls the page
// everywhere, also over a scene in three dimensions, which Plotly lets have it even with its zoom switched off.

const SCROLLING =
  ".katex-display, .lab-table, .st-key-lab-each-task, .st-key-lab-bars, [data-testid=stCode], [data-testid=stCode] :is(div, pre)";
const INSIDE = "a[href], button, input, select, textarea, [tabindex='0']";

function overflows(element) {
  const { overflowX, overflowY } = getComputedStyle(element);
  const wide = /auto|scroll/.test(overflowX) && element.scrollWidth > element.clientWidth;
  return wide || (/auto|scroll/.test(overflowY) && element.scrollHeight > element.clientHeight);
}

function reach(root) {
  for (const element of root.querySelectorAll(SCROLLING)) {
    const scrolls = overflows(element) && !element.querySelector(INSIDE);
    if (scrolls === element.hasAttribute("tabindex")) continue;
    element.toggleAttribute("tabindex", scrolls);
    if (scrolls) {
      element.tabIndex = 0;
      element.setAttribute("role", "group");
      element.setAttribute("aria-label", "Scrolls");
    } else for (const name of ["role", "aria-label"]) element.removeAttribute(name);
  }
}

function keepWheel(event) {
  if (event.target.closest?.(".gl-container")) event.stopImmediatePropagation();
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
  addEventListener("wheel", keepWheel, { capture: true, passive: true });
  ask();
  return () => {
    changes.disconnect();
    removeEventListener("resize", ask);
    removeEventListener("wheel", keepWheel, { capture: true });
    cancelAnimationFrame(asked);
  };
}
