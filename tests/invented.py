"""Invented reviews for what learns: words that praise, blame or only fill, put together by a seeded dice."""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from sentiment.corpus import Example
from sentiment.lexicon import Compiled
from sentiment.model import CLASSES


def _words(text: str) -> list[str]:
    return text.split()


GOOD = _words("вкусно уютно спасибо отлично быстро вежливо рекомендую супер красиво свежее понравилось приятно чисто")
BAD = _words("ужасно хамят холодное долго обман грязно невкусно никогда дорого испортили нагрубил воняет отвратительно")
MIDDLE = _words("нормально средне пойдет сойдет иногда обычное терпимо вроде местами неплохо бывает так-себе")
COMMON = _words("в кафе суп кофе официант зал были вчера заказ не но и мы на столик меню пришли парковка рядом потом")
LEXICON = Compiled(
    [*GOOD[:8], *BAD[:8]], [2.0] * 8 + [-2.0] * 8, {"отврат": -3.0}, [("так себе", -1.5)], {"вкустно": "вкусно"}
)
"""It knows some of the words."""
COMPLAINTS = ("но ждали долго", "правда, было грязно", "только официант нагрубил", "жаль, суп холодное")
STARS = {5: 0.78, 4: 0.08, 3: 0.04, 2: 0.02, 1: 0.07}
"""How the stars of the published half million are spread; a hundredth have none."""
PLACES = 40


def examples(count: int = 90, source: str = "geo_invented", seed: int = 7) -> list[Example]:
    """A third of each class, with clear words, noise and names of people; every sixth praise complains."""
    dice = random.Random(seed)
    found = []
    for index in range(count):
        label = index % 3
        words = [*dice.choices((BAD, MIDDLE, GOOD)[label], k=4), *dice.choices(COMMON, k=6)]
        words += ["Ольге", "Сергеевичу"][: index % 3]
        dice.shuffle(words)
        complains = label == 0 or (label == 2 and index % 2 == 0)
        text = " ".join(words) + (f", {dice.choice(COMPLAINTS)}." if complains else "!")
        found.append(Example(text, label, complains, None, source))
    return found


def tskv(rows: int, seed: int = 1, fillers: Sequence[str] = COMMON) -> Iterator[str]:
    """Lines in the shape of Yandex's geo-reviews: stars spread as there, texts of about 250 characters, all different,
    some of them with a sentence that contradicts the stars."""
    dice = random.Random(seed)
    of_words = [
        [" ".join([*dice.choices(words, k=3), *dice.choices(fillers, k=7)]) for _ in range(10_000)]
        for words in (BAD, MIDDLE, GOOD)
    ]
    mixed = [*of_words[0], *of_words[1], *of_words[2]]
    places = [f"address=Город, улица {number}\tname_ru=Кафе {number}\trubrics=Кафе;Бар" for number in range(PLACES)]
    stars = dice.choices([*STARS, 0], weights=[*STARS.values(), 0.01], k=rows)
    for number, given in enumerate(stars):
        sentences = of_words[0 if given <= 2 else 1 if given == 3 else 2]
        text = "\\n".join([*dice.choices(sentences, k=3), dice.choice(mixed)])
        yield f"{places[number % PLACES]}\trating={given}.\ttext={text} {word_of(number)}\n"


def word_of(number: int) -> str:
    """Another one for every number."""
    return "".join("абвгдежзик"[int(digit)] for digit in str(number))


def write_tskv(path: Path, rows: int, seed: int = 1, fillers: Sequence[str] = COMMON) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(tskv(rows, seed, fillers))


def write_lexicon(folder: Path) -> None:
    """`LEXICON`, more or less, as `data/lexicon` has it."""
    rows = [f"{word}\t{weight:g}" for word, weight in zip(LEXICON.forms, LEXICON.weights, strict=True)]
    folder.mkdir()
    (folder / "all.tsv").write_text("\n".join(rows), encoding="utf-8")
    (folder / "typos.tsv").write_text("вкустно\tвкусно\n", encoding="utf-8")


def write_table(path: Path, rows: Sequence[Example]) -> None:
    """As labelled reviews are published."""
    lines = [f"{CLASSES[row.label]}\t{'' if row.complaint is None else int(row.complaint)}\t{row.text}" for row in rows]
    path.write_text("label\tcomplaint\ttext\n" + "\n".join(lines) + "\n", encoding="utf-8")
