"""What a draft says that its situation does not hold: for the proof over many reviews."""

import re
from collections.abc import Iterator

from responders.types import Fault, Situation
from sentiment.types import Tone

_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_NAME = re.compile(r"\b[А-ЯЁ][а-яё]+")
_DIGITS = re.compile(r"\d+")
_YOU = re.compile(r"Вы|Вас|Вам|Вами|Ваш\w*")
_GUILT = re.compile(
    r"извин|прост(?:ит|ите)\b|прощени|наш\w* вин|виноват|ошиб(?:лись|ка наша)|наша ошибка", re.IGNORECASE
)
_GIFTS = re.compile(
    r"скидк|промокод|бонус|подар[ио]|компенс|верн[её]м|за (?:наш|сч[её]т)|уволи|накаж|оштраф|лиш(?:им|ат)",
    re.IGNORECASE,
)
_LIKED = re.compile(r"Вам .{0,40}понравил", re.IGNORECASE)


def unfounded(text: str, about: Situation) -> Iterator[str]:
    """Each thing that neither the review nor the business says, in words for the test's message."""
    brand = about.brand
    people = [person.dative for person in about.verdict.people]
    own = (about.text, about.author, about.place, about.measure, brand.name, brand.signature)
    known = " ".join([*own, *brand.also, *people])
    contacts = f"{brand.contact.phone} {brand.contact.email}"
    numbers = {*_DIGITS.findall(known), *_DIGITS.findall(contacts)}
    yield from (f"number {number}" for number in _DIGITS.findall(text) if number not in numbers)
    stems = {word[:3].lower() for word in _NAME.findall(known)} | {word[:3] for word in known.lower().split()}
    for sentence in _SENTENCE.split(text.removesuffix(brand.signature).strip()):
        for match in _NAME.finditer(sentence):
            said = match.group()
            if match.start() > 0 and not _YOU.fullmatch(said) and said[:3].lower() not in stems:
                yield f"name {said}"
    if about.fault is not Fault.CONFIRMED and (found := _GUILT.search(text)):
        yield f"guilt {found.group()!r}"
    if found := _GIFTS.search(text):
        yield f"gift or promise {found.group()!r}"
    if about.measure and about.fault is not Fault.CONFIRMED and about.measure[1:12] in text:
        yield "a measure without a fault"
    praised = any(item.tone is Tone.POSITIVE for item in about.verdict.themes) or (about.stars or 0) >= 4
    if not praised and (found := _LIKED.search(text)) and "не понравил" not in text and "не всё понравил" not in text:
        yield f"liking {found.group()!r}"
