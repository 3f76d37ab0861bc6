"""Pictures of the desk for the README: `python -m tests.browser.screenshots docs`.

A frozen clock and invented reviews: the same pages every time. Their letters are those of the machine; where Roboto is
installed, it is used.
"""

import io
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.standin.credentials import STAND_IN_ENV
from tests.browser.shop import NOW, Served, Shop, build
from tests.browser.window import PHONE, WIDE, Window, launched, why_missing

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LARGEST = 200_000
"""Bytes of a picture."""

FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<include>/etc/fonts/fonts.conf</include>
<match target="pattern"><edit name="family" mode="prepend_first" binding="strong"><string>Roboto</string></edit></match>
</fontconfig>"""

PICTURES_THERE = """
() => Promise.all([...document.images].map((image) => { image.loading = "eager"; return image.decode(); }))"""

TICKET = "Лейсан Г."
"""Two dangers, an author who wrote again after the answer, a note for colleagues."""


def main(folder: Path) -> None:
    if reason := why_missing():
        sys.exit(reason)
    os.environ.update({**STAND_IN_ENV, "DESK_SECRET": "x" * 32})
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        shop_folder, fonts = Path(made) / "shop", Path(made) / "fonts.conf"
        shop_folder.mkdir()
        fonts.write_text(FONTS)
        os.environ["FONTCONFIG_FILE"] = str(fonts)
        build(shop_folder)
        with Served(shop_folder) as shop, launched() as browser:
            for name, page in pictures(shop, browser):
                save(page, folder / f"{name}.png")


def pictures(shop: Shop, browser: "Browser") -> Iterator[tuple[str, "Page"]]:
    ticket = f"/t/{shop.of(TICKET).ticket}?from="
    with window(shop, browser, viewport={**WIDE, "height": 900}) as wide:
        yield "queue", wide.go("/queue")
        yield "ticket", wide.go(ticket)
    with window(shop, browser, viewport={**WIDE, "height": 1560}) as tall:
        yield "numbers", tall.go("/numbers?days=7")
    with window(shop, browser, viewport={**WIDE, "height": 900}, color_scheme="dark") as dark:
        yield "today-dark", dark.go("/today")
    with window(shop, browser, viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2) as phone:
        yield "phone", phone.go("/queue")


@contextmanager
def window(shop: Shop, browser: "Browser", **options: object) -> Iterator[Window]:
    opened = Window(browser, shop.address, **options)
    opened.page.clock.set_fixed_time(NOW)
    opened.log_in("olga")
    yield opened
    opened.close()
    if opened.troubles:
        sys.exit("\n".join(opened.troubles))


def save(page: "Page", path: Path) -> None:
    """In 256 colours: a third of the bytes, and nobody sees the difference."""
    from PIL import Image

    page.wait_for_load_state("networkidle")
    page.evaluate(PICTURES_THERE)
    taken = Image.open(io.BytesIO(page.screenshot(animations="disabled", caret="hide"))).convert("RGB")
    taken.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
    size = path.stat().st_size
    sys.stdout.write(f"{path}: {size / 1000:.0f} kB\n")
    if size > LARGEST:
        sys.exit(f"{path} is larger than {LARGEST / 1000:.0f} kB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
