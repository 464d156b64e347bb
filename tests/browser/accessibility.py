"""What axe-core finds on a page, every impact and every rule it has."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

AXE = Axe()
TALL = 6000  # pixels: contrast is measured only of what is in view
UNRESOLVED = "[data-testid=stSkeleton], [data-stale=true], [data-testid=stSpinner]"
STILL = """() => !document.getAnimations().some((one) => one.playState === "running"
    && one.effect.getComputedTiming().endTime !== Infinity)"""


def findings(page: Page) -> list[str]:
    """Returns a line for each finding: the rule, its impact, where, and what is wrong there."""
    size = page.viewport_size
    assert size is not None
    page.set_viewport_size({"width": size["width"], "height": TALL})
    expect(page.locator(UNRESOLVED)).to_have_count(0)
    page.wait_for_function(STILL)
    found = AXE.run(page).response["violations"]
    page.set_viewport_size(size)
    return [
        f"{rule['id']} ({rule['impact']}) at {node['target']}: {node['html'][:200]} {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]
