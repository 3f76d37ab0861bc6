"""What every word of a review weighs in its surroundings: negation, strength, contrast to the past, irony.

    вкусно +2    не вкусно -1.6    не очень вкусно -1.2    никто не хамил +1.5    раньше готовили вкусно -1

The tables are what the rules know of the language; the lexicon knows the words. Words come without the punctuation
that divides them, so rules that look back or ahead stop at every word they do not know.
"""

from collections.abc import Sequence

from sentiment.lexicon import Lexicon, Phrase
from sentiment.stems import fits


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NOTHING = _words(
    """
    нет нету без ничего ничем ноль нуль минимум мало маловато никакой никакого никакая никакое никаких никакие никакую
    никаким никакой отсутствует отсутствуют отсутствие отсутствием отсутствия
    """
)
"""They deny a thing («нет вкуса»), never what stands alone: «ошибок нет, вкусно»."""
NEGATORS = NOTHING | _words(
    "не ни никто никому нисколько отнюдь якобы вряд нельзя недостаточно неочень неособо нехочу нехочется"
)
PHRASE_NEGATORS = _words("не нельзя якобы вряд")
"""What turns a set phrase: «не на высоте»."""
NO_NEGATION_BEFORE = _words("только просто менее единожды передать считая зря раз один первый того")
"""«не только вкусно» praises."""
NO_NEGATION_AFTER = _words("чуть едва пока нельзя")
"""«чуть не отравились», «нельзя не похвалить»."""
ABLE = _words("могу можем мог могла могли может могут")
"""«не могу не похвалить»."""
COMPARATIVES = _words("лучше хуже вкуснее круче красивее приятнее интереснее быстрее дешевле вежливее")
"""Only «не» itself turns them: «ничего вкуснее не ел»."""
AFTERWARDS = _words(
    """
    нет нету ноль нуль никакой никакая никакое никакие никакого никаких мало маловато отсутствует отсутствуют
    отсутствовал отсутствовала отсутствовало отсутствовали
    """
)
"""«вежливости ноль»: what stands before it is missing."""
TO_BE = _words("был была было были будет будут бывает оказалось стало стал стала стали")
NOT_THERE = TO_BE | _words(
    """
    буду будем могу можем смогу хочу хочется хотелось хотим назовешь назвать скажу увидел увидела увидели видел видела
    видели вижу заметил заметила заметили замечал замечала замечали нашел нашла нашли обнаружил обнаружила обнаружили
    наблюдал наблюдала наблюдали встретил встретила встретили встречал встречала встречали почувствовал почувствовала
    почувствовали чувствуется ощущается дождался дождалась дождались получил получила получили имею имеем имеется
    возникло возникает попадалось попадался попадалась попадались нашлось вызывает вызвал вызвала вызвало
    внушает внушил внушила внушают
    """
)
"""«грязи не увидели», «доверия не вызывает», «рекомендовать не буду»."""
BETWEEN = _words("это его ее их я мы уж точно ни разу никогда вообще совсем абсолютно так и тоже особо")
"""They may stand between a word and what denies it: «грубости ни разу не видели»."""
MAY_DENY = BETWEEN | AFTERWARDS | {"не"}
"""With one of them a denial begins."""
BEFORE_NEW_THOUGHT = _words("но и а ни зато")
STRENGTH = {
    "очень": 1.3, "оч": 1.3, "крайне": 1.4, "просто": 1.2, "самый": 1.3, "самая": 1.3, "самое": 1.3, "самые": 1.3,
    "такой": 1.2, "такая": 1.2, "такое": 1.2, "такие": 1.2, "максимально": 1.4, "невероятно": 1.4, "абсолютно": 1.4,
    "совершенно": 1.4, "полный": 1.4, "полная": 1.4, "полное": 1.4, "настолько": 1.3, "весьма": 1.2, "слишком": 1.2,
    "чересчур": 1.3, "реально": 1.2, "прям": 1.2, "прямо": 1.2, "всегда": 1.2, "постоянно": 1.2, "вечно": 1.2,
    "совсем": 1.3, "так": 1.1, "особо": 1.0, "особенно": 1.2, "сильно": 1.2, "исключительно": 1.3, "чрезвычайно": 1.4,
    # dreadful words that only strengthen: «ужасно вкусно», «до безумия красиво»
    "безумно": 1.4, "ужасно": 1.4, "страшно": 1.4, "жутко": 1.4, "дико": 1.4, "адски": 1.4, "бешено": 1.4,
    "зверски": 1.4, "чертовски": 1.4, "убийственно": 1.4, "сумасшедше": 1.4, "нереально": 1.4, "охренеть": 1.4,
    "офигеть": 1.4, "капец": 1.4, "жесть": 1.4, "ужаса": 1.4, "безумия": 1.4, "жути": 1.4, "чертиков": 1.4,
    "немного": 0.6, "слегка": 0.6, "чуть": 0.6, "чуток": 0.6, "немножко": 0.6, "местами": 0.6, "иногда": 0.7,
    "порой": 0.7, "относительно": 0.5, "обычно": 0.9, "достаточно": 0.9, "довольно": 0.9, "более-менее": 0.5,
    "вроде": 0.6, "почти": 0.7,
}  # fmt: skip
"""Such a word weighs nothing itself where it strengthens or weakens another."""
TRANSPARENT = TO_BE | _words(
    """
    и то уж мне нам там тут здесь все вам я мы бы могу скажу сказать сказал сказала назвать в на ни какой какая какое
    их его хочу хочется хотелось произвело произвел произвела произвели кому-то кому-нибудь
    у меня нас от слова же это что чтобы чтоб ли как одного одной одна единого единой место заведение
    чему-то чего-то грамма капли копейки крошки тени намека доли следа
    """
)
"""A negation or an intensifier reaches over them: «не могу сказать, что это вкусно»."""
PASSED = dict.fromkeys(TRANSPARENT, 1.0) | STRENGTH
PASSED_OR_NEGATORS = NEGATORS | frozenset(PASSED)
LISTS = frozenset({"и", "или", "либо"})
ALONE = ("о", "лось", "ый", "ий", "ая", "яя", "ое", "ее", "ие", "ые")
GENITIVE = ("ого", "его", "ний")
"""Endings: «вкусно», «вежливый»; but «плохого», «замечаний»."""
FORMERLY = _words("раньше прежде когда-то бывало некогда изначально")
WAS = _words("был была было были")
BECAME = _words("стало стали стал стала")
NOW = BECAME | _words("теперь сейчас ныне сегодня")
THANKS = _words("спасибо благодарю благодарим браво молодцы респект поздравляю")
CONTRASTS = _words("но однако зато")
TURNS = FORMERLY | BECAME | CONTRASTS
IRONY_LINKS = frozenset({"что", "за", "хоть"})

REACH = 7
"""Words back that a negation or an intensifier is looked for."""
AHEAD = 3
"""Words ahead that a denial is looked for."""
FORMER_REACH = 6
IRONY_REACH = 6
CONTRAST_REACH = 5
AFTER_CONTRAST = 1.3
"""«красиво, но невкусно»: what follows is what is meant."""
NEGATED_PRAISE = -0.8
NEGATED_BLAME = -0.5
WEAK_NEGATION = -0.6
"""«не очень вкусно» is milder than «не вкусно»."""
FORMER_PRAISE = -0.5
"""«раньше было вкусно» blames, though less than it praises."""
FORMER_BLAME = -0.2

Weights = list[float]


def weigh(words: Sequence[str], lexicon: Lexicon) -> Weights:
    """The weight of every normalised word, 0.0 for most; a phrase weighs on its first word."""
    weights = [0.0] * len(words)
    count, read = len(words), 0  # words before `read` belong to what is weighed already
    turns = not TURNS.isdisjoint(words)
    thanked = -IRONY_REACH - 1
    settled = 0  # negations before it have done their work
    for index, entry in enumerate(map(lexicon.__getitem__, words)):
        if entry is None or index < read:
            continue
        weight, following = entry
        phrases = following[words[index + 1]] if following is not None and index + 1 < count else ()
        length, of_phrase = _phrase(phrases, words, index) if phrases else (1, 0.0)
        if of_phrase:
            weight, length = _turned_phrase(of_phrase, words, index, length)
            if words[index] != "без" and not PASSED_OR_NEGATORS.issuperset(words[index : index + length]):
                settled = index + length  # «нареканий нет, вкусно»
        elif weight:
            denied = _denied_afterwards(words, index)
            weight *= _scope(words, index, settled, weights, praises=weight > 0, denied=denied > 0)
            if denied:
                settled = denied
                length = denied - index
        if weight:
            if turns:
                weight *= _of_the_past(words, index, praises=weight > 0) * _after_contrast(words, index)
            if weight < 0 and index - thanked <= IRONY_REACH and not IRONY_LINKS.isdisjoint(words[thanked + 1 : index]):
                weights[thanked] = 0.0  # «спасибо, что испортили вечер»
            elif weight > 0 and words[index] in THANKS:
                thanked = index
            weights[index] = weight
        read = index + length
    return weights


def _phrase(phrases: Sequence[Phrase], words: Sequence[str], index: int) -> tuple[int, float]:
    """(number of words, weight) of the longest phrase that begins at `index`; (1, 0) if none does. The second word is
    known to fit."""
    for rest, weight in phrases:
        following = words[index + 2 : index + 1 + len(rest)]
        if len(following) + 1 == len(rest) and all(map(fits, rest[1:], following)):
            return 1 + len(rest), weight
    return 1, 0.0


def _turned_phrase(weight: float, words: Sequence[str], index: int, length: int) -> tuple[float, int]:
    """(weight, number of words) of a phrase, which only «не» close before it and a denial behind it turn; one that
    denies something itself stays."""
    if not NEGATORS.isdisjoint(words[index : index + length]):
        return weight, length
    position = max(index - 1, 0)
    while position > 0 and words[position] in PASSED and index - position < REACH:
        position -= 1
    negated = words[position] in PHRASE_NEGATORS and words[position + 1] not in NO_NEGATION_BEFORE
    denied = _denied_afterwards(words, index + length - 1)
    if negated != (denied > 0):
        weight *= NEGATED_PRAISE if weight > 0 else NEGATED_BLAME
    return weight, denied - index if denied else length


def _scope(words: Sequence[str], index: int, settled: int, weights: Weights, *, praises: bool, denied: bool) -> float:
    """What the words before `index`, back to `settled`, make of one unit of its weight. What only strengthens or denies
    loses its own weight."""
    strength, negated, weakly = 1.0, False, False
    for position in range(index - 1, max(index - 1 - REACH, settled - 1), -1):
        word = words[position]
        if word in NEGATORS:
            negated = _negates(words, position, index)
            weakly = strength != 1.0
            if negated:
                weights[position] = 0.0
            break
        factor = PASSED.get(word)
        if factor is None:
            # «без очередей и хамства»
            negated = position > 0 and words[position - 1] == "без" and words[position + 1] in LISTS
            negated = negated and not _stands_alone(words[index])
            break
        if word in STRENGTH:
            strength *= factor
            weights[position] = 0.0
    if negated == denied:
        return strength
    if praises:
        return WEAK_NEGATION if weakly else NEGATED_PRAISE
    return NEGATED_BLAME


def _negates(words: Sequence[str], position: int, index: int) -> bool:
    """Whether the negator at `position` reaches the word at `index`."""
    negator, target = words[position], words[index]
    if words[position + 1] in NO_NEGATION_BEFORE or (negator in NOTHING and _stands_alone(target)):
        return False
    if target in COMPARATIVES and negator != "не":
        return False
    if negator != "не" or not position:
        return True
    before = words[position - 1]
    return before not in NO_NEGATION_AFTER and not (before in ABLE and position > 1 and words[position - 2] == "не")


def _stands_alone(word: str) -> bool:
    """Whether by its ending the word cannot be what is missing, which is genitive: adverbs, nominative adjectives."""
    return word.endswith(ALONE) and not word.endswith(GENITIVE)


def _denied_afterwards(words: Sequence[str], index: int) -> int:
    """Where the denial that follows the word ends: «грязи нет», «вкусно не было»; 0 if there is none."""
    position = index + 1
    if position == len(words) or words[position] not in MAY_DENY:
        return 0
    last = min(len(words) - 1, index + AHEAD)
    while position < last and words[position] in BETWEEN:
        position += 1
    word = words[position]
    if word in AFTERWARDS:
        return 0 if _stands_alone(words[index]) else position + 1
    if word != "не" or position + 1 >= len(words) or words[position + 1] not in NOT_THERE:
        return 0
    end = position + 2
    if (
        _stands_alone(words[index])
        and end < len(words)
        and words[end].isalpha()
        and words[end] not in BEFORE_NEW_THOUGHT
    ):
        return 0  # «вкусно, не было только льда»
    return end


def _of_the_past(words: Sequence[str], index: int, *, praises: bool) -> float:
    """«раньше было вкусно», «было вкусно, стало невкусно»."""
    before = words[max(index - FORMER_REACH, 0) : index]
    formerly = not FORMERLY.isdisjoint(before) and NOW.isdisjoint(before)
    if not formerly and before and before[-1] in WAS:
        formerly = not BECAME.isdisjoint(words[index + 1 : index + 3])
    if not formerly:
        return 1.0
    return FORMER_PRAISE if praises else FORMER_BLAME


def _after_contrast(words: Sequence[str], index: int) -> float:
    return 1.0 if CONTRASTS.isdisjoint(words[max(index - CONTRAST_REACH, 0) : index]) else AFTER_CONTRAST
