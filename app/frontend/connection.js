// Whether the server is there: Streamlit's page says so in an attribute. A page without that attribute has no server
// that could be away.

const CONNECTION = "data-test-connection-state";
const SCRIPT = "data-test-script-state";

/** @param {string} name */
function stateOf(name) {
  return document.querySelector(`[${name}]`)?.getAttribute(name) ?? "";
}

/** Returns whether the page has lost its server. */
export function isAway() {
  return !["", "CONNECTED"].includes(stateOf(CONNECTION));
}

/**
 * Calls the listener at every change: with true where the server is away, with false when it is there again, and once
 * more when it has answered for the first time: a server that began anew knows nobody before that.
 * @param {(away: boolean) => void} listener
 * @returns {() => void} what ends it
 */
export function watchServer(listener) {
  let away = isAway();
  let unanswered = false;
  let running = stateOf(SCRIPT) === "running";
  const watching = new MutationObserver(() => {
    const was = running;
    running = stateOf(SCRIPT) === "running";
    if (isAway() !== away) {
      away = !away;
      unanswered = !away;
      listener(away);
    } else if (unanswered && was && !running) {
      unanswered = false;
      listener(false);
    }
  });
  watching.observe(document.body, { subtree: true, attributes: true, attributeFilter: [CONNECTION, SCRIPT] });
  return () => watching.disconnect();
}
