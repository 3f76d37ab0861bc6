"""Which card a row of a file is about: what the row says, else what the person said, else the only one there is."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitor.errors import UsageError
from monitor.model import Card
from monitor.seams import Source

_OTHER_NAMES: Mapping[str, str] = {
    "яндекс": "yandex_maps",
    "яндекскарта": "yandex_maps",
    "yandex": "yandex_maps",
    "2gis": "twogis",
    "дубльгис": "twogis",
    "google": "google_business",
    "googlemaps": "google_business",
    "googlemybusiness": "google_business",
    "гугл": "google_business",
    "гуглкарты": "google_business",
    "отзовикком": "otzovik",
    "otzovikcom": "otzovik",
    "айрекоменд": "irecommend",
    "айрекомменд": "irecommend",
    "irecommendru": "irecommend",
}
"""How people also call a site, without spaces and signs. A site's id and its title are known anyway."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is said of a card: a place's id or title, a site's id or title, the card's id there; "" where nothing is."""

    place: str = ""
    source: str = ""
    card: str = ""

    def over(self, other: "Wanted") -> "Wanted":
        """This, with the other where this says nothing."""
        return Wanted(self.place or other.place, self.source or other.source, self.card or other.card)


class Cards:
    """The cards of config.yaml, found by what people write."""

    def __init__(self, cards: Sequence[Card], titles: Mapping[str, str], sources: Mapping[str, Source]) -> None:
        self._cards = tuple(cards)
        self._sources = sources
        self._titles = dict(titles)
        self._names = (
            dict(_OTHER_NAMES)
            | {_plain(source.title): name for name, source in sources.items()}
            | {_plain(name): name for name in sources}
        )

    def source(self, said: str) -> str:
        """A site's id; "" for nothing. Raises UsageError, in Russian, for a site nobody knows."""
        if not said.strip():
            return ""
        found = self._names.get(_plain(said))
        if found is None:
            known = ", ".join(source.title for source in self._sources.values())
            raise UsageError(f"неизвестная площадка; известны: {known}")
        return found

    def places(self, said: str) -> frozenset[str]:
        """The place of that id, else every place of that title; "" means any. Raises UsageError, in Russian."""
        wanted = _plain(said)
        if not wanted:
            return frozenset(self._titles)
        found = frozenset(place for place in self._titles if place == said.strip()) or frozenset(
            place for place, title in self._titles.items() if wanted in (_plain(place), _plain(title))
        )
        if not found:
            raise UsageError("такой точки нет в config.yaml; укажите её id или название оттуда")
        return found

    def knows_place(self, said: str) -> bool:
        """Whether it names one of our places, or nothing at all."""
        try:
            return bool(self.places(said))
        except UsageError:
            return False

    def all(self, wanted: Wanted) -> list[Card]:
        """Every card that fits. Raises UsageError for names nobody knows."""
        places, source, own = self.places(wanted.place), self.source(wanted.source), wanted.card.strip()
        return [
            card
            for card in self._cards
            if card.place in places and source in ("", card.source) and own in ("", card.id)
        ]

    def one(self, wanted: Wanted) -> Card:
        """The card that is meant. Raises UsageError when it is none or several."""
        found = self.all(wanted)
        if len(found) == 1:
            return found[0]
        if not found:
            raise UsageError("в config.yaml нет такой карточки: проверьте точку, площадку и id карточки")
        missing = "площадку" if len({card.source for card in found}) > 1 else "точку или id карточки"
        raise UsageError(f"не ясно, о какой карточке речь: укажите {missing}, в столбце или ключом команды")


def _plain(name: str) -> str:
    """Case, spaces and signs left out."""
    return re.sub(r"[\W_]+", "", name[:200].casefold().replace("ё", "е"))
