"""A window of a real browser, and what must never happen in one."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from monitor.cli.playing import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Dialog, Locator, Page, Request, Route, ViewportSize

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

WIDE: "ViewportSize" = {"width": 1280, "height": 800}
PHONE: "ViewportSize" = {"width": 360, "height": 740}

PATIENCE = 30_000
"""Milliseconds: machines that test are busy."""

FRAME = """() => new Promise((done) => {
  new IntersectionObserver((_, one) => { one.disconnect(); done(); }).observe(document.body);
})"""
"""Until the browser has drawn, whatever time its page believes in."""


def why_missing() -> str:
    """Why there is no browser to drive; "" where there is one."""
    try:
        import playwright.sync_api  # noqa: F401 - it is asked for, not used
    except ImportError:
        return "playwright is not installed: pip install -c constraints.txt '.[browser]'"
    return "" if shutil.which("chromium") else "there is no chromium: apt-get install chromium"


@contextmanager
def launched() -> Iterator["Browser"]:
    """Debian's Chromium. While it runs, this thread has a running event loop: no asyncio.run."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


class Window:
    """A browser with cookies of its own. `troubles`: what no page may cause, messages on the console and dialogs;
    `elsewhere`: where a page went that is not ours, which is answered with an empty page."""

    def __init__(self, browser: "Browser", address: str, **options: Any) -> None:
        options = {"viewport": WIDE, "locale": "ru-RU", "timezone_id": "Europe/Moscow", **options}
        self.address = address
        self.troubles: list[str] = []
        self.elsewhere: list[str] = []
        self.context = browser.new_context(base_url=address, **options)
        self.context.set_default_timeout(PATIENCE)
        self.context.route(lambda url: not url.startswith(f"{address}/"), self._stray)
        self.context.on("console", self._said)
        self.context.on("weberror", lambda error: self.troubles.append(f"error: {error.error}"))
        self.context.on("dialog", self._asked)
        self.page = self.context.new_page()

    def close(self) -> None:
        self.context.close()

    def expect(self, what: "Locator") -> Any:
        """Waits for what is claimed."""
        from playwright.sync_api import expect

        expect.set_options(timeout=PATIENCE)
        return expect(what)

    def go(self, path: str) -> "Page":
        self.page.goto(path)
        return self.page

    def ready(self) -> "Page":
        """Once the script is bound to the page that is shown: it runs before a page is complete."""
        self.page.wait_for_function("() => document.readyState === 'complete'")
        return self.page

    def log_in(self, login: str = "anna", path: str = "/queue") -> "Page":
        """By keyboard alone, as people do, on the page that asks for it."""
        page = self.go(path)
        self.expect(page.locator("#login")).to_be_focused()
        page.keyboard.type(login)
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        return page

    def _stray(self, route: "Route", request: "Request") -> None:
        self.elsewhere.append(request.url)
        route.fulfill(status=200, content_type="text/html", body="<!DOCTYPE html><title>elsewhere</title>")

    def _said(self, message: "ConsoleMessage") -> None:
        refused = message.text.startswith("Failed to load resource: the server responded with a status of 4")
        if message.type in ("error", "warning") and not refused:
            self.troubles.append(f"{message.type}: {message.text}")

    def _asked(self, dialog: "Dialog") -> None:
        if dialog.type != "beforeunload":
            self.troubles.append(f"{dialog.type}: {dialog.message}")
        dialog.accept()
