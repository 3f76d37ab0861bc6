"""`otklik classify`: reviews on standard input, one by one; many of them on all processors."""

import os
import stat
import sys
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from monitor import wording
from monitor.assemble import load_analyser
from monitor.cli.common import (
    NO_BREAK_SPACE,
    business_if_any,
    config_option,
    input_lines,
    json_option,
    note,
    parse_json,
    stars_of,
    text_of,
    to_json,
)
from monitor.cli.views import person_text, signed, theme_text
from monitor.contract.tickets import theme_json, verdict_json
from monitor.errors import InputError, OtklikError
from sentiment.analyse import Analyser
from sentiment.business import Business
from sentiment.decision import CRITICAL_STARS
from sentiment.evidence import Explanation, Phrase, Sought
from sentiment.types import Verdict

if TYPE_CHECKING:
    from concurrent.futures import Future
    from multiprocessing.context import SpawnContext

FEW = 2_000
"""Reviews that one process answers before the others would even have started."""
LIVE = 0.02
"""Seconds a review: an input that brings its first ones more slowly is written by hand or by a running program, which
shall have its answers line by line."""
CHUNK = 200
"""Reviews that travel to another process together."""
WORDS_SHOWN = 4
PHRASE_WIDTH = 44
QUOTE_WIDTH = 80
INDENT = "    "
SCALES = {True: "счёт жалобы и негатива", False: "счёт негатива"}
"""By whether a complaint is sought: what the phrases' weights and the sums below them count."""


class Review(NamedTuple):
    text: str
    stars: int | None
    author: str = ""


class Style(NamedTuple):
    """How answers are written."""

    as_json: bool
    explain: bool


@click.command()
@json_option
@click.option(
    "--explain",
    is_flag=True,
    help="Below each review: why so decided, the phrases that pulled and how far, which rules found what.",
)
@click.option(
    "--jobs", type=click.IntRange(1, 256), help="Processes for large input. Default: as many as there are processors."
)
@config_option
def classify(as_json: bool, explain: bool, jobs: int | None, config_path: Path | None) -> None:
    """Tone, themes, dangers, people and intents of reviews on standard input: a line of plain text each, or
    {"text": "…", "stars": 1 to 5 or null, "author": "…"}; stars and author may be left out.

    A settings file is not needed; where there is one, the words and names of your business are taken from it.

    Example:  echo "Вкусно, но ждали час" | otklik classify --explain
    """
    business = business_if_any(config_path)
    told = 0
    try:
        with closing(_answered(business, _reviews(), Style(as_json, explain), jobs or os.cpu_count() or 1)) as answered:
            for answers in islice(answered, FEW):
                click.echo("\n".join(answers))
                told += len(answers)
            if told < FEW:
                return
            with _progress() as progress:
                progress(told)
                for answers in answered:
                    click.echo("\n".join(answers))
                    told += len(answers)
                    progress(len(answers))
    except KeyboardInterrupt:
        note(f"otklik: interrupted; {told} reviews were answered")
        raise
    except BrokenHelper as broken:
        raise HelperDied(
            f"a helping process died after {told} reviews were answered (is memory short?); try again with --jobs 1"
        ) from broken


def _answered(
    business: Business | None, reviews: Iterator[Review], style: Style, processes: int
) -> Generator[list[str], None, None]:
    """The answers in order: the first few one by one, as they may be all; then as `in_parallel`."""
    analyser = load_analyser(business)
    began = time.monotonic()
    count = 0
    for review in islice(reviews, FEW):
        count += 1
        yield [answer(analyser, review, style)]
    if count < FEW:
        return
    if processes > 1 and time.monotonic() - began < FEW * LIVE:
        yield from in_parallel(reviews, style, processes, business)
    else:
        yield from ([answer(analyser, review, style)] for review in reviews)


def _reviews() -> Iterator[Review]:
    for number, line in input_lines():
        yield _review(line, number)


def _review(line: str, number: int) -> Review:
    """A JSON object, or else the line itself: a review may well begin with a brace, a spoilt object does, too."""
    if not line.lstrip().startswith("{"):
        return Review(line, None)
    try:
        value = parse_json(line)
    except (ValueError, RecursionError):
        note(f"stdin:{number}: begins like a JSON object but is none; taken as plain text")
        return Review(line, None)
    author = "" if value.get("author") is None else text_of(value, "author", number)
    return Review(text_of(value, "text", number), stars_of(value, number), author)


# --- many ------------------------------------------------------------------------------------------------


class BrokenHelper(Exception):
    """A process that helped is no more."""


class HelperDied(OtklikError):
    """The same, in words for people."""


def in_parallel(
    reviews: Iterator[Review], style: Style, processes: int, business: Business | None = None
) -> Generator[list[str], None, None]:
    """The answers in order, some at a time, worked out by several processes; only a few chunks are held in memory.

    Raises BrokenHelper, and the InputError of an unusable line after all before it is answered.
    """
    from concurrent.futures import BrokenExecutor, ProcessPoolExecutor

    pool = ProcessPoolExecutor(processes, mp_context=_spawning(), initializer=_prepare, initargs=(business,))
    waiting: deque[Future[list[str]]] = deque()
    refused: list[InputError] = []
    try:
        for chunk in _chunks(reviews, refused):
            waiting.append(pool.submit(_answers, chunk, style))
            while len(waiting) > 2 * processes or (waiting and waiting[0].done()):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenExecutor as error:
        raise BrokenHelper from error
    finally:
        pool.shutdown(cancel_futures=True)
    if refused:
        raise refused[0]


def _chunks(reviews: Iterator[Review], refused: list[InputError]) -> Iterator[list[Review]]:
    """What an unusable line raises comes to `refused`, so that what stands before it is not lost."""
    chunk: list[Review] = []
    try:
        for review in reviews:
            chunk.append(review)
            if len(chunk) == CHUNK:
                yield chunk
                chunk = []
    except InputError as error:
        refused.append(error)
    if chunk:
        yield chunk


def _spawning() -> "SpawnContext":
    """Processes that share nothing with this one: the same on every system, and safe beside threads."""
    from multiprocessing import get_context

    return get_context("spawn")


_helper: list[Analyser] = []
"""In a helping process: what it analyses with."""


def _prepare(business: Business | None) -> None:
    """In a helping process, once. Ctrl-C is for the one that reads and writes, without whom there is nothing to do."""
    import signal
    from threading import Thread

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_follow, daemon=True).start()
    _helper.append(load_analyser(business))


def _follow() -> None:
    """Ends with the process that is helped, however that ends."""
    from multiprocessing import parent_process

    if leader := parent_process():
        leader.join()
        os._exit(1)


def _answers(reviews: Sequence[Review], style: Style) -> list[str]:
    return [answer(_helper[0], review, style) for review in reviews]


@contextmanager
def _progress() -> Iterator[Callable[[int], None]]:
    """A function that is told of every so many reviews answered: a bar, where a person sees it and nothing else."""
    if not sys.stderr.isatty() or sys.stdout.isatty():
        yield lambda count: None
        return
    size = _input_size()
    with click.progressbar(iter(int, 1), length=size, label="Отзывы", file=sys.stderr, item_show_func=_counted) as bar:
        answered = 0

        def advance(count: int) -> None:
            nonlocal answered
            answered += count
            bar.update(_input_position() - bar.pos if size else count, answered)

        yield advance


def _counted(answered: int | None) -> str:
    return f"{answered or 0:,}".replace(",", " ")


def _input_size() -> int | None:
    """Bytes of standard input, if it is a file."""
    try:
        status = os.fstat(sys.stdin.fileno())
    except OSError:  # a program that calls us put text there
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def _input_position() -> int:
    return os.lseek(sys.stdin.fileno(), 0, os.SEEK_CUR)


# --- one -------------------------------------------------------------------------------------------------


def answer(analyser: Analyser, review: Review, style: Style) -> str:
    """What is printed of a review: a line, or with `explain` outside of JSON several."""
    explanation = None
    if style.explain:
        verdict, explanation = analyser.explain(*review)
    else:
        verdict = analyser.analyse(*review)
    if style.as_json:
        odds = None if verdict.probabilities is None else asdict(verdict.probabilities)
        content: dict[str, Any] = {"tone": verdict.tone, "probabilities": odds} | verdict_json(verdict)
        if style.explain:
            content["explanation"] = _explanation_json(verdict, explanation, review.stars)
        return to_json(content)
    lines = [_line(verdict, review.text)]
    if style.explain:
        lines += [INDENT + line for line in _explanation_lines(verdict, explanation, review.stars)]
    return "\n".join(lines).replace(NO_BREAK_SPACE, " ")


def _line(verdict: Verdict, text: str) -> str:
    marks = [
        wording.TONES[verdict.tone],
        *(["срочно"] if verdict.flagged else []),
        *(["неясно"] if verdict.uncertain else []),
        *(["оценка спорит с текстом"] if verdict.conflict else []),
        *(wording.RISKS[item.risk] for item in verdict.risks),
    ]
    return f"{', '.join(marks):<40} {wording.one_line(text, 80)}"


def _explanation_json(verdict: Verdict, explanation: Explanation | None, stars: int | None) -> dict[str, Any]:
    found = {
        "decision": _decision(verdict, explanation, stars),
        "themes": [theme_json(item) | {"rule": item.rule} for item in verdict.themes],
        "risks": [{"risk": item.risk, "quote": item.quote, "rule": item.rule} for item in verdict.risks],
        "intents": [{"intent": item.intent, "quote": item.quote, "rule": item.rule} for item in verdict.intents],
    }
    if explanation is None:
        return found | {"phrases": []}
    return found | {
        "complaint": round(explanation.complaint, 4),
        "thresholds": asdict(explanation.thresholds),
        "start": round(explanation.start, 4),
        "pull": round(explanation.pull, 4),
        "towards": "complaint" if explanation.sought is Sought.COMPLAINT else "negative",
        "phrases": [
            {
                "phrase": item.phrase,
                "weight": round(item.weight, 4),
                "words": [
                    {"word": word.word, "pull": round(word.pull, 4), "lexicon": round(word.lexicon, 2)}
                    for word in item.words
                ],
            }
            for item in explanation.phrases
        ],
    }


def _explanation_lines(verdict: Verdict, explanation: Explanation | None, stars: int | None) -> list[str]:
    """The decision, the phrases, the score that these are parts of, and what the rules found.

    +1.42 против  «но ждали час»   ждали +1.10 (словарь −2.6) · час +0.32
    тема: ожидание −, правило waiting.hours, «но ждали час»
    """
    lines = [_decision(verdict, explanation, stars)]
    if explanation is None:
        return lines
    quotes = [f"«{wording.one_line(item.phrase, PHRASE_WIDTH)}»" for item in explanation.phrases]
    width = max(map(len, quotes))
    for item, quote in zip(explanation.phrases, quotes, strict=True):
        side = "против" if item.weight > 0 else "за" if item.weight < 0 else "—"
        lines.append(f"{_signed(item.weight)} {side:<6}  {quote:<{width}}  {_made_of(item)}")
    score = explanation.start + explanation.pull
    odds = verdict.probabilities
    share = f", вероятность негатива {odds.negative:.2f}" if odds is not None else ""
    lines.append(
        f"{SCALES[explanation.sought is Sought.COMPLAINT]}: "
        f"до слов {_signed(explanation.start)}, все слова {_signed(explanation.pull)}, "
        f"вместе {_signed(score)}{share}, жалобы {explanation.complaint:.2f}"
    )
    return [*lines, *_found_lines(verdict)]


def _found_lines(verdict: Verdict) -> Iterator[str]:
    """Every theme, danger and intent with the rule that found it, every person, each with its quote."""
    for theme in verdict.themes:
        yield f"тема: {theme_text(theme)}{_source(theme.rule, theme.quote)}"
    for risk in verdict.risks:
        yield f"опасность: {wording.RISKS[risk.risk]}{_source(risk.rule, risk.quote)}"
    for person in verdict.people:
        yield f"человек: {signed(person_text(person), person.tone)}{_source('', person.quote)}"
    for intent in verdict.intents:
        yield f"намерение: {wording.INTENTS[intent.intent]}{_source(intent.rule, intent.quote)}"


def _source(rule: str, quote: str) -> str:
    named = f", правило {rule}" if rule else ""
    return f"{named}, «{wording.one_line(quote, QUOTE_WIDTH)}»"


def _made_of(phrase: Phrase) -> str:
    """The words that pull most, each with what the lexicon makes of it in this place."""
    telling = sorted((word for word in phrase.words if word.pull or word.lexicon), key=lambda word: -abs(word.pull))
    shown = [
        f"{wording.one_line(word.word, 24)} {_signed(word.pull)}"
        + (f" (словарь {_signed(word.lexicon, 1)})" if word.lexicon else "")
        for word in telling[:WORDS_SHOWN]
    ]
    if len(telling) > WORDS_SHOWN:
        shown.append(f"ещё {len(telling) - WORDS_SHOWN}")
    return " · ".join(shown) or "этих слов модель не знает"


def _signed(value: float, digits: int = 2) -> str:
    """With a sign as wide as a digit: `+1.42`, `−0.80`."""
    return f"{value:+.{digits}f}".replace("-", "−")


def _decision(verdict: Verdict, explanation: Explanation | None, stars: int | None) -> str:
    """Why it was decided so, in one sentence."""
    rating = "оценки нет" if stars is None else f"оценка {stars} из 5"
    decided = "отмечен" if verdict.flagged else "неясно" if verdict.uncertain else "не отмечен"
    if explanation is None or verdict.probabilities is None:
        return f"{decided}: {rating}, слов нет"
    limits, negative = explanation.thresholds, verdict.probabilities.negative
    angry = f"негатив {negative:.2f} при пороге "
    complaint = f"жалоба {explanation.complaint:.2f} при пороге {limits.complaint:.2f}"
    danger = "".join(f", опасность: {wording.RISKS[item.risk]}" for item in verdict.risks)
    if not explanation.understood:
        reason = ", слова модели незнакомы"
    elif stars is None:
        reason = f", {angry}{limits.negative:.2f}" + (", но и не похвала" if verdict.uncertain and not danger else "")
    elif stars <= CRITICAL_STARS:
        reason = ""
    elif verdict.conflict:
        # Below `overrule` the stars hold, and the lower threshold decides whether it is uncertain that they should.
        limit = limits.overrule if verdict.flagged else limits.negative
        reason = f", {complaint}, {angry}{limit:.2f}"
    else:
        reason = f", {complaint}"
    phrase = f"«{wording.one_line(explanation.phrases[0].phrase, 60)}»"
    said = "жалоба" if stars is not None and stars > CRITICAL_STARS else "похвала"
    conflict = f"; оценка спорит с текстом: {said} {phrase}" if verdict.conflict else ""
    return f"{decided}: {rating}{reason}{danger}{conflict}"
