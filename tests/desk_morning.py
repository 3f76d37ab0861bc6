"""A café's morning for tests of the desk's lists: what the demo has, and what hurts."""

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from unittest import mock

from monitor.standin.credentials import STAND_IN_ENV
from monitor.standin.world import LENINA, World
from tests.rig import NOON, Rig

EVIL = '<script>alert(1)</script><img src=x onerror=alert(2)>" onmouseover="alert(3)'
POISONED = "После вашего салата всю ночь рвало, поставили отравление. Напишу в Роспотребнадзор."
TWICE = "Заказывали доставку: привезли на час позже, торт помят. Менеджер обещал перезвонить и пропал."

_YANDEX, _TWOGIS, _GOOGLE, *_ = LENINA

AT: Mapping[str, timedelta] = {
    POISONED: timedelta(hours=-2),
    EVIL: timedelta(minutes=-40),
    TWICE: timedelta(minutes=-5),
}
"""When each was written, seen from NOON."""


def morning(folder: Path) -> None:
    """Leaves the database and config.yaml of that café at noon in the folder."""
    with mock.patch.dict(os.environ, STAND_IN_ENV):
        world = World.demo(NOON - timedelta(hours=3))
        rig = Rig(folder, world)
        rig.run()
        for text, author, cards in (
            (POISONED, "Ольга П.", (_GOOGLE,)),
            (EVIL, EVIL, (_YANDEX,)),
            (TWICE, "Екатерина Белова", (_YANDEX, _TWOGIS)),
        ):
            world.now = NOON + AT[text]
            for card in cards:
                world.add(card, text=text, stars=1, author=author)
            rig.run(after=world.now - rig.clock.now())
        rig.app.close()


def at_noon(folder: Path) -> Rig:
    """That café again, time standing still at noon."""
    return Rig(folder, World.demo(NOON))
