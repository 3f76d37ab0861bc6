"""What of a review does not count for what happens here and now: negated, supposed, elsewhere, long past.

никто не отравился    боялась, что отравимся    в соседнем кафе хамят    раньше было грязно, теперь чисто
"""

import re
from collections.abc import Sequence

from sentiment.phrases import MARKS, Phrases
from sentiment.rules import Review

NEGATED = frozenset({"не", "ни", "без", "нет", "нету", "никаких", "никакого", "никакой", "никто", "против", "чтобы"})
NEGATION_REACH = 2
"""Words of its own clause before a word among which a negation counts."""
NO_NEGATION = frozenset({"только", "просто", "первый", "раз"})
"""Words after «не» that turn it round: «не только отравились»."""
ANOTHER_THOUGHT = re.compile(
    r"(?:по)?совет|рекоменд|прид|прих|пойд|ход|верн|возвра|понрав|нрав|вкусн|свеж|ешь|бер|бра|покуп|заказ|стои|связ|вед"
)
"""Words that keep a «не» to themselves, where the writer spared the comma: «не советую отравление обеспечено»."""
PAST_TENSE = re.compile(r"(?:[аеиоуыя]л|гл|ег)(?:а|о|и)?(?:ся|сь)?$")
"""Verbs: a «не» of theirs stands right before them."""
FARTHEST = 60
"""Words that are looked at on either side: a text without a full stop must not take forever."""

UNREAL = """
    если бы?; надеюсь , что?; боял* , что?; боюсь , что?; думал|думала|думали , что? сейчас?; казалось , что?;
    опасал*; переживал* , что; вдруг; будто; словно; как будто; чтобы не
"""
"""What follows, up to the end of the sentence, is feared or supposed."""
ELSEWHERE = """
    в|из соседн* *; у|от конкурент*; в отличие от ..; не то что в|у ..; не как в|у ..; не|нежели чем в|у ..;
    в|из|у друг*|остальн*|прочих|иных|многих|большинстве|некоторых салон*|кафе|ресторан*|магазин*|клиник*|мест*;
    в|из|у друг*|остальн*|прочих|иных|многих|большинстве|некоторых заведени*|сет*|отел*|сервис*|мастер*|врач*;
    в|из|у друг*|остальн*|прочих|иных|многих|большинстве|некоторых компани*|город*|фирм*|точк*|банк*|школ*;
    в прошл* месте|салоне|клинике|школе|сервисе|отеле; в|из|у|к * напротив|через_дорогу|по_соседству|за_углом;
    идите|сходите|ходите|езжайте|обращайтесь|зайдите лучше в|к; лучше идите|сходите|ходите|езжайте|зайдите в|к
"""
"""Another business is spoken of, up to the end of the sentence or to one of `BACK`."""
FORMERLY = (
    "раньше; прежде; когда-то; некогда; в прошлом году; в прошлый раз; год|два|три назад; пару лет назад; до ремонта"
)
"""What was, where the sentence or the next one goes on with one of `NOW`."""
NOW = "теперь; сейчас; ныне; сегодня; стало; стали; стал; стала; на этот раз; в этот раз; после ремонта"
BACK = "но; зато; однако; здесь; тут; у вас; у них; этот|эта|это|эти; в этом|этой; а тут|здесь|у"

NOT_HERE = """
    в детстве; до вас; до этого обращ*|ходил*|были|был|была|лечил*|жили|снимали|заказ*|напарыв*;
    в|на метро|трамвае|электричке|даче; по дороге; у бабушк*|соседей|друзей;
    прежн*|прошл*|предыдущ*|соседн* тренер*|учител*|врач*|мастер*|школ*|сад|саду|сервис*|клиник*|служб*|фирм*|бригад*;
    прежн*|прошл*|предыдущ*|соседн* юрист*|адвокат*|салон*|отел*|пункт*|квартир*|банк*|компани*|риелтор*|стоматолог*;
    прежн*|прошл*|предыдущ*|соседн* учительниц*|тренерш*|управляющ*|управляйк*|кофейн*|гостиниц*|ветеринарк*|стрижк*;
    прошл* зимой|летом|осенью|весной|году|годом; год|года|лет назад;
    съемн* квартир*; деревенск* свадьб*; на лыжах|сноуборде|катке; в дтп|аварии; похож* базе|кафе|месте; на похож* *
"""
"""A danger in a sentence with one of these happened somewhere else, or the review's business only came afterwards."""
MADE_GOOD = """
    поставил* на ноги; поклон; вылечил*; выходил*|выходили; выручил*|выручили; обработали; устранил*|устранили;
    спасибо врач*|доктор*|девочк*|сотрудни*|мастер*|ребят*|бригад*;
    низкий спасибо; благодарю; благодарн*; молодцы; золотые руки;
    как новая|новый|новенький; прошло; к ужину|вечеру|утру прошло; здоров|здорова|здоровы; поправил*; выздоров*;
    вернул*|вернули .. сразу|до_копейки|в_тот_же|через_час|через_день; довольн*; теперь хожу;
    хожу|бегаю|хохочет|поет|просится; снова|опять|уже|теперь бегает
"""
"""After the danger, in its sentence or the next two: it was cured, or the business helped."""
SENTENCES_AFTER = 2
NONE_AFTER = """
    нет|нету; не было|видел*|видели|замет*|замечен*|замечал*|встрет*|обнаруж*|нашл*|водится|водятся;
    отсутств*; ни разу; ни одного|одной
"""
"""Right after the word: «тараканов не видели»."""


_UNREAL, _ELSEWHERE, _FORMERLY, _NOW, _BACK = map(Phrases, (UNREAL, ELSEWHERE, FORMERLY, NOW, BACK))
_NOT_HERE, _NONE_AFTER = map(Phrases, (NOT_HERE, NONE_AFTER))
_MADE_GOOD = Phrases(MADE_GOOD, unless_after="не")


def negated(review: Review, position: int) -> bool:
    """Whether a «не», «без», «никто» of its own clause governs the word."""
    cells, place = review.cells, review.places[position]
    before: list[str] = []
    for cell in reversed(cells[max(place - NEGATION_REACH, 0) : place]):
        if cell in MARKS:
            break
        before.insert(0, cell)
    if not before or NEGATED.isdisjoint(before):
        return False
    if before[-1] in NEGATED:
        return True
    if before[-1] in NO_NEGATION:
        return False
    if PAST_TENSE.search(cells[place]):
        return before[0] == "чтобы"
    return ANOTHER_THOUGHT.match(before[-1]) is None


def unreal(review: Review, position: int) -> bool:
    """Whether the word's sentence supposes or fears it, by words before it."""
    begin, _, place = _around(review, position)
    return _UNREAL.within(review.cells, begin, place) is not None


def elsewhere(review: Review, position: int) -> bool:
    """Whether another business is meant, or a past that is over."""
    cells = review.cells
    begin, end, place = _around(review, position)
    if (opened := _last(_ELSEWHERE, cells, begin, place)) is not None:
        return _BACK.within(cells, opened, place) is None
    if (opened := _last(_FORMERLY, cells, begin, place + 1)) is not None and _NOW.within(cells, opened, place) is None:
        return _NOW.within(cells, place, _after(cells, end, 1)) is not None
    return False


def not_here(review: Review, position: int) -> bool:
    """Whether the word's sentence says that it happened to the author somewhere else."""
    begin, end, _ = _around(review, position)
    found = _NOT_HERE.within(review.cells, begin, end)
    return found is not None and _BACK.within(review.cells, found[1], end) is None


def made_good(review: Review, position: int) -> bool:
    """Whether the text goes on to tell that the harm was cured or helped with."""
    _, end, place = _around(review, position)
    return _MADE_GOOD.within(review.cells, place, _after(review.cells, end, SENTENCES_AFTER)) is not None


def none_after(review: Review, position: int) -> bool:
    """Whether the words after it say that there are none."""
    place = review.places[position] + 1
    return any(first == place for first, _ in _NONE_AFTER.all(review.cells, place, min(place + 3, len(review.cells))))


def _around(review: Review, position: int) -> tuple[int, int, int]:
    """The cells of the token's sentence, as far as they are looked at, and its own."""
    begin, end = review.sentence(position)
    place = review.places[position]
    return max(begin, place - FARTHEST), min(end, place + FARTHEST), place


def _after(cells: Sequence[str], end: int, sentences: int) -> int:
    """Where so many sentences after `end` are over."""
    for place in range(end, min(end + FARTHEST, len(cells))):
        if cells[place] in (".", "?"):
            sentences -= 1
            if not sentences:
                return place
    return min(end + FARTHEST, len(cells))


def _last(sought: Phrases, cells: Sequence[str], begin: int, end: int) -> int | None:
    """Where the last of them is over."""
    return max((after for _, after in sought.all(cells, begin, end)), default=None)
