"""What speaks against a changed book: what does not load, what must not be posted, what would never be said."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from monitor.editing.books import ORDER, Book, Sort, slots
from monitor.editing.rehearsal import Change
from monitor.editing.trial import Trial
from responders import amend
from responders.choose import choose
from responders.files import STORED, ReplyTemplateError
from responders.lint import ERROR, RULES, WARNING
from responders.samples import SAMPLES, situations
from responders.types import Finding, Register, Situation
from sentiment.business import Business

_ALLOWED = re.compile("; можно: .*")
"""What the loader and the trial of all phrases would allow: more than there is a use for, or less."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What speaks against saving. `list` and `number`: the phrase, "" and 0 where it is the whole book; `line` of the
    text, where one is known; `text`: the phrase as it reads in a reply, or the reply to the invented `review`."""

    severity: str
    message: str
    why: str
    list: str = ""
    number: int = 0
    line: int | None = None
    review: str = ""
    text: str = ""


def troubles(change: Change, text: str, business: Business, own: Path | None) -> tuple[Trouble, ...]:
    """The gravest first. `text` is what would be set; `own`: the config's templates_dir."""
    file, sector = STORED / change.book.name, change.brand.sector
    known_before = {str(error) for error in change.before.problems(sector) if error.file != file}
    broken = [error for error in change.after.problems(sector) if str(error) not in known_before]
    if broken:
        return tuple(_of_error(change, error, text if error.file == file else "") for error in broken)
    trial = Trial(change.after, own, change.brand, business)
    found = [_of_finding(change, row.finding, text, row.line, row.text) for row in trial.of_book(file)]
    found += [_of_error(change, error, text) for error in trial.broken if error.file == file]
    said = {(trouble.message, trouble.why) for trouble in found}
    found += (trouble for trouble in _of_drafts(change) if (trouble.message, trouble.why) not in said)
    first: dict[tuple[object, ...], Trouble] = {}
    for trouble in found:
        first.setdefault((trouble.message, trouble.list, trouble.number), trouble)
    return tuple(sorted(first.values(), key=lambda trouble: trouble.severity != ERROR))


def _of_error(change: Change, error: ReplyTemplateError, text: str) -> Trouble:
    place = amend.where(text, error.line) if error.line and text else None
    name, number = place or ("", 0)
    message = _offered(change, name, f"{error.message[:1].upper()}{error.message[1:]}")
    return Trouble(ERROR, message, "", name, number, error.line)


def _of_finding(change: Change, finding: Finding, text: str, line: int | None, said: str) -> Trouble:
    name, number = (amend.where(text, line) if line else None) or ("", 0)
    message, why = _parted(finding)
    return Trouble(finding.severity, _offered(change, name, message), why, name, number, line, text=said)


def _offered(change: Change, name: str, message: str) -> str:
    """Which words may stand there, as the form of a phrase of that list tells it."""
    if change.book.sort is Sort.LAYOUT:
        words = [part for part, _ in ORDER]
    elif name:
        words = [*(slot.name for slot in slots(change.book, name, change.brand, change.place)), "stars"]
    else:
        return _ALLOWED.sub("", message)
    return _ALLOWED.sub(f"; можно: {', '.join(words)}", message)


def _of_drafts(change: Change) -> Iterator[Trouble]:
    """What is wrong with whole replies, and was not."""
    registers = (change.brand.register,) if change.book.sort is Sort.TOPICS else tuple(Register)
    for register in registers:
        for sample, about in zip(SAMPLES, situations(replace(change.brand, register=register)), strict=True):
            if not _concerns(change.book, about):
                continue
            draft = change.after.draft(about)
            found = [finding for finding in draft.warnings if finding.severity in (ERROR, WARNING)]
            old = {finding.rule for finding in change.before.draft(about).warnings} if found else set()
            for finding in found:
                if finding.rule not in old:
                    message, why = _parted(finding)
                    yield Trouble(finding.severity, message, why, review=sample.name, text=draft.text)


def _concerns(book: Book, about: Situation) -> bool:
    """Whether a reply to it may say a phrase of the book."""
    match book.sort:
        case Sort.FRAME:
            return choose(about).frame is book.frame
        case Sort.THEME:
            return any(mention.theme is book.theme for mention in about.verdict.themes)
        case Sort.RISKS:
            return bool(about.verdict.risks)
        case Sort.ASKS:
            return bool(about.verdict.intents or about.earlier)
        case Sort.TOPICS:
            return bool(about.verdict.themes)
        case _:
            return True


def _parted(finding: Finding) -> tuple[str, str]:
    """What is wrong and what to do; why the rule exists."""
    for rule in RULES:
        if rule.rule == finding.rule and rule.why in finding.message:
            return finding.message.replace(f" {rule.why}", "", 1), rule.why
    return finding.message, ""
