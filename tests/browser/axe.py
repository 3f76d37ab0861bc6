"""What axe-core says of a page. Its script comes with a package and is run from there: pages load nothing for it."""

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

GRAVE = ("serious", "critical")

RUN = """async (rules) => {
  const only = rules.length ? { runOnly: { type: "rule", values: rules } } : {};
  const { violations } = await axe.run(document, { resultTypes: ["violations"], ...only });
  const told = (node) => [node.html, node.failureSummary];
  return violations.map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.map(told) }));
}"""


@cache
def script() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


def grave(page: "Page", *rules: str) -> list[str]:
    """Serious and critical troubles, one line each, by those rules or by all."""
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(script())
    found = page.evaluate(RUN, list(rules))
    return [
        f"{one['impact']}: {one['id']}: {html[:200]} {' '.join(why.split())[:300]}"
        for one in found
        if one["impact"] in GRAVE
        for html, why in one["nodes"]
    ]
