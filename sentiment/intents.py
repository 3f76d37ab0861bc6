"""What the author wants of the reader: rules over words, the rows are `data/rules/intents/*.toml`.

A rule's hit counts where the author says it to the business: not what others said, not a figure of speech. That a text
only thanks, or says nothing as a customer, depends on what else was found in it.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from sentiment import rules, scope
from sentiment.model import Reading
from sentiment.phrases import Phrases
from sentiment.polarity import THANKS
from sentiment.rules import Hit, Review, Rules
from sentiment.types import Intent, IntentMention, RiskMention, ThemeMention, Tone

_Spans = list[tuple[int, int]]

LONGEST_QUOTE = 300
"""Characters of a sentence that is quoted as a whole; of a longer one, the clause."""

SPEECH = re.compile(r'«[^«»]*»|„[^„“”]*[“”]|“[^“”]*”|"[^"\n]*"')
REPLIES = re.compile(r"(?:^|[\n:.?!])[ \t]*[—–-] [^\n]*")
"""A line of a dialogue, from its dash on."""
MOST = 0.5
"""Of the text: more than that in quotation marks is no speech within it."""

REPORTED = """
    спросил|спросила|спросили|спрашиваю|спрашивает;
    спрашиваем|спрашивают|спрашивал|спрашивала|спрашивали|переспросил*; поинтересовал*;
    уточнил|уточнила|уточнили|уточняю|уточняла; на вопрос|вопросы|мой|наш;
    отвечает|отвечают|ответил|ответила|ответили; говорит|говорят|говорю|сказал|сказала|сказали|заявил|заявила;
    заявили|заявляет|кричит|кричал|кричала|орет|орал|орала; звонит|звонят; с вопросом|вопросами;
    вопрос , где|как|когда|можно|есть|куда|какой; узнавал*;
    думаю|думала|думал|думали|думаешь|думаем|гадали|гадал|гадала; пишет|пишут|написал|написала|написали; удивил*
"""
"""Before a question: it was asked there and then."""
RHETORICAL = """
    сколько можно|раз; доколе; до каких пор; за что такие|такая|мы|я|платить|плачу|платим|деньги; вы|ты серьезно;
    серьезно ?; как так; это как ?; ну как ?; кто вас|так|их|этих|там|только|такое|мне|бы|это;
    кому это|нужен|нужна|нужно|нужны|такое|такой; где логика|совесть|справедливость|смысл;
    какого черта|хрена|фига|лешего|рожна|лысого;
    зачем тогда|вы|вообще|так|такие|мне|было|нужен|нужна|нужны|писать|обещать|такой|нам|людям; разве; неужели;
    неужто; как можно|вообще|же|после;
    что еще|за|может|это|тут|там|сказать|говорить|ж|же|вы|я|мне|нам|по|такое|значит|мешает|мешало;
    чего еще|я|ждать|только|стоит|стоило; вы вообще|там|хоть|че|чо|что|за; нормально ?;
    почему я|мы|так|клиент*|люди|должен|должна|нельзя|бы|все; совесть; не стыдно; стыдно;
    понимаете|представляете|знаете|видели|слышали|помните|верите ?; понимаете|представляете|знаете , да|как|что;
    это .. как называется; правда ?; да ?; не так ли; ведь ?; верно ?; согласны ?; правильно ?; ладно ?; ясно ?;
    хорошо ?; а ?; где вы еще|такое|видели|найдете; где еще|найти|найдешь; где|когда еще;
    издеваетесь|издевательство|обалдели|офигели|охренели|оборзели|обнаглели|сдурели;
    вернусь|вернемся|приду|придем|приеду|приедем|пойду|пойдем ли|еще;
    поеду|поедем|зайду|рекомендую|советую|буду|будем|понравилось ли|еще; стоит ли|оно|овчинка; стоило ли|оно;
    ожидал*|ждал* ли; что-либо; а смысл; смысл ?; с какой стати|радости; при чем; причем тут|здесь;
    куда катит*|смотр*; на каком основании;
    хотите вкусно|отдохнуть|почувствовать|испортить|получить|хорошо|быстро|потерять|насладиться; мечтаете; хотите ?;
    любите; что по; плюсы ?; минусы ?; итог ?; из минусов ?; вывод ?; а может; может быть|и; какой смысл|толк|еще;
    какая разница|еще; о каком|какой|каких; надо ли говорить|объяснять|пояснять;
    почему же? же|не_сказали|не_предупредили; с чего|какого_перепуга|какого_черта; мне|нам как|что;
    как мне|нам теперь|жить|быть|это; кто ?; чем думаете|думают|думали|думаете
"""
"""A question that wants no answer."""
OTHERS = """
    кто|кто-нибудь|кто-то , знает|подскажет|ездил|был|были|брал|бывал|сталкивался|в_курсе|потерял;
    кто|кто-нибудь|кто-то , забыл|нашел|находил|ходил|лечился|в|едет|из_вас|пробовал|покупал;
    знающие|знающим|знающих; народ; люди добрые; люди; девочки; девчонки; мамочки; поделитесь; ребята , кто;
    товарищи; ребят , кто; друзья; граждане
"""
"""Asked of other readers."""
AROUND = 30
"""Words on either side of a question's that are looked at."""
SHORT = 16
"""Tokens of a text in which any question that judges nothing is meant: «А пуделей стрижёте?»"""
SHORTEST_QUESTION = 3
LONGEST_OFF_TOPIC = 50
"""Tokens: who writes more than that mostly comes to speak of the business."""
REGRETS = "зато; жаль; правда; вот бы"
"""What praises and regrets does not only thank: «вкусно, правда, дорого»; «и правда вкусно» does."""


_REPORTED, _RHETORICAL, _OTHERS = map(Phrases, (REPORTED, RHETORICAL, OTHERS))
_REGRETS = Phrases(REGRETS, unless_after="и")


@lru_cache(maxsize=1)
def shipped() -> Rules[Intent]:
    """Read and compiled at the first review."""
    return Rules(rules.load("intents", Intent))


def find(
    review: Review,
    said: Iterable[Hit[Intent]],
    reading: Reading,
    themes: Sequence[ThemeMention],
    dangers: Sequence[RiskMention],
    *,
    content: bool,
) -> tuple[IntentMention, ...]:
    """Every intent once, in the order of the text, then what the whole text is. `said`: the `hits`. `content`: the
    review was judged to praise and to complain of nothing."""
    found: dict[Intent, IntentMention] = {}
    for hit in said:
        if hit.rule.says not in found:
            found[hit.rule.says] = IntentMention(hit.rule.says, quote(review, hit.first), hit.rule.name)
    off_topic = found.pop(Intent.OFF_TOPIC, None)
    blamed = any(mention.tone is Tone.NEGATIVE for mention in themes)
    if len(review.tokens) <= SHORT and not found and not blamed and not dangers:
        asked = _short_question(review, reading)
        if asked is not None:
            found[Intent.QUESTION] = IntentMention(Intent.QUESTION, quote(review, asked), "question")
    toned = any(mention.tone is not Tone.NEUTRAL for mention in themes)
    whole = review.text.strip()
    if off_topic is not None and not toned and not dangers and len(review.tokens) <= LONGEST_OFF_TOPIC:
        found[Intent.OFF_TOPIC] = IntentMention(Intent.OFF_TOPIC, whole, off_topic.rule)
    elif content and not found and not blamed and not dangers and _only_praises(review, reading, themes):
        found[Intent.THANKS] = IntentMention(Intent.THANKS, whole, "thanks")
    return tuple(found.values())


def hits(review: Review) -> Iterator[Hit[Intent]]:
    """Every rule that finds an intent, in the order of the text."""
    return (hit for hit in shipped().find(review) if _holds(review, hit))


def nobody_here(said: Iterable[Hit[Intent]]) -> bool:
    """Whether a rule finds that the text is about somebody else's place, or advertises."""
    return any(hit.rule.says in (Intent.WRONG_PLACE, Intent.SPAM) for hit in said)


def _holds(review: Review, hit: Hit[Intent]) -> bool:
    """Whether the author says it, here and now, and means it."""
    if hit.rule.negated != "fires" and scope.negated(review, hit.first):
        return False
    if _within(_spoken(review.text).quoted, review.tokens[hit.first].start):
        return False
    if hit.rule.says is Intent.REFUND:
        return not scope.elsewhere(review, hit.first)
    return hit.rule.says is not Intent.QUESTION or _asks(review, hit.first)


def quote(review: Review, position: int) -> str:
    """The sentence of a token, verbatim."""
    begin, end = review.sentence(position)
    first, last = review.token_before(begin) + 1, review.token_before(end)
    sentence = review.text[review.tokens[first].start : review.tokens[last].end]
    return sentence if len(sentence) <= LONGEST_QUOTE else review.quote(review.clause_of(position))


class _Spoken(NamedTuple):
    """Where others speak: in quotation marks, and after the dashes of a dialogue."""

    quoted: _Spans
    replies: _Spans


@lru_cache(maxsize=1)
def _spoken(text: str) -> _Spoken:
    quoted = [match.span() for match in SPEECH.finditer(text)]
    return _Spoken(
        [(begin, end) for begin, end in quoted if end - begin <= MOST * len(text)],
        [match.span() for match in REPLIES.finditer(text)],
    )


def _within(spans: _Spans, place: int) -> bool:
    """Whether one of the spans, which are in order and apart, holds the place."""
    number = bisect_right(spans, place, key=itemgetter(0))
    return number > 0 and place < spans[number - 1][1]


def _asks(review: Review, position: int) -> bool:
    """Whether the author asks the business now, in the sentence of the token."""
    cells, place = review.cells, review.places[position]
    begin, end = review.sentence(position)
    begin, end = max(begin, place - AROUND), min(end, place + AROUND)
    if _REPORTED.within(cells, begin, place) is not None or _OTHERS.within(cells, begin, end) is not None:
        return False
    if "?" not in cells[place:end]:
        return True
    if _RHETORICAL.within(cells, begin, end) is not None:
        return False
    return not _within(_spoken(review.text).replies, review.tokens[position].start)


def _short_question(review: Review, reading: Reading) -> int | None:
    """The first token of a question that no rule knows and that judges nothing."""
    for position, token in enumerate(review.tokens):
        if token.is_word or "?" not in token.key:
            continue
        first = review.token_before(review.sentence(position)[0]) + 1
        asking = position - first >= SHORTEST_QUESTION and not any(reading.weights[first:position])
        if asking and _asks(review, first):
            return None if _within(_spoken(review.text).quoted, token.start) else first
    return None


def _only_praises(review: Review, reading: Reading, themes: Sequence[ThemeMention]) -> bool:
    """Whether there is a good word in a text that was judged to be content, and no regret beside it."""
    if _REGRETS.within(review.cells, 0, len(review.cells)) is not None:
        return False
    return (
        any(mention.tone is Tone.POSITIVE for mention in themes)
        or any(weight > 0 for weight in reading.weights)
        or any(token.key in THANKS for token in review.tokens)
    )
