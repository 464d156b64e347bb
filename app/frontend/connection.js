// Whether the server is there: Streamlit's page says so in an attribute. A page without that attribute has no server
// that could be away.

const STATE = "data-test-connection-state";

/** Returns whether the page has lost its server. */
export function isAway() {
  const state = document.querySelector(`[${STATE}]`)?.getAttribute(STATE);
  return Boolean(state) && state !== "CONNECTED";
}

/**
 * Calls the listener at every change: with true where the server is away, with false when it is there again.
 * @param {(away: boolean) => void} listener
 * @returns {() => void} what ends it
 */
export function watchServer(listener) {
  let away = isAway();
  const watching = new MutationObserver(() => {
    if (isAway() === away) return;
    away = !away;
    listener(away);
  });
  watching.observe(document.body, { subtree: true, attributes: true, attributeFilter: [STATE] });
  return () => watching.disconnect();
}
