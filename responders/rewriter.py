"""A draft in other words, by something outside: whatever comes back passes the linter and `facts`, or the draft stays.

    draft → [ИМЯ] for the author's name → Rewriter → cleaned → lint and facts → Draft "…+rewritten"

The rewriter sees the draft alone; with `send_review` also the review and its author. What a review tells it to do does
not matter: an answer that says anything new is refused.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import jinja2
from jinja2.sandbox import SandboxedEnvironment

from responders.compose import RECENT
from responders.facts import added, overlong
from responders.lint import RULES, lint
from responders.names import IsFirstName, first_name, known_to_morphology
from responders.similarity import jaccard, normal, shingles
from responders.types import Draft, Fault, Finding, Register, Situation
from sentiment.types import Tone, Verdict

SHIPPED = Path(__file__).resolve().parent.parent / "templates" / "rewriter"
INSTRUCTION, MESSAGE = "instruction.txt.j2", "message.txt.j2"

PATIENCE = 3
"""So many failures in a row, and the rewriter is left alone."""
LONGEST_REVIEW = 4000
"""Characters of a review that a rewriter gets to see."""
MARK = "[ИМЯ]"
"""Stands for the author's first name on the way out."""
REWRITTEN = "+rewritten"

_LINT_RULES = frozenset(rule.rule for rule in RULES)
_NOTHING = Verdict(Tone.NEUTRAL, None, False, False, False, (), (), ())
_THINKING = re.compile(r"^\s*<think>.*?</think>", re.DOTALL)
_FENCED = re.compile(r"```\w*\n(.*?)\n?```", re.DOTALL)
_SMALL_YOU = re.compile(r"\bв(ы|ас|ам|ами|аш\w{0,3})\b")


class RewriteError(Exception):
    """Why nothing usable came back, for a person (Russian). Holds nothing of the draft, the review or a secret."""


class Rewriter(Protocol):
    """Says a draft in other words. `situation` holds no more than may leave the machine."""

    def rewrite(self, draft_text: str, situation: Situation) -> str:
        """Raises RewriteError."""


class Drafts(Protocol):
    """Whatever makes the drafts."""

    def draft(self, situation: Situation) -> Draft: ...


class Rewriting:
    """Drafts, rewritten where that goes well. Never raises for the rewriter's failures.

    `say` hears once why the rewriter is left alone for the rest of this object's life: after PATIENCE failures in a
    row, or when it has taken `budget` in all (None: it may take any time).
    """

    def __init__(
        self,
        drafts: Drafts,
        rewriter: Rewriter,
        *,
        now: Callable[[], datetime],
        say: Callable[[str], None],
        send_review: bool = False,
        budget: timedelta | None = None,
        is_first_name: IsFirstName = known_to_morphology,
    ) -> None:
        self._drafts = drafts
        self._rewriter = rewriter
        self._now = now
        self._say = say
        self._send_review = send_review
        self._budget = budget
        self._is_first_name = is_first_name
        self._failures = 0
        self._spent = timedelta()
        self._resting = False

    def draft(self, situation: Situation) -> Draft:
        """A danger is never rewritten: there every word was weighed."""
        draft = self._drafts.draft(situation)
        if self._resting or situation.verdict.risks:
            return draft
        try:
            text = cleaned(self._rewritten(draft.text, situation), draft.text)
        except RewriteError as error:
            return self._failed(draft, str(error), str(error))
        found = refused(draft.text, text, situation)
        if found:
            names = ", ".join(dict.fromkeys(finding.rule for finding in found))
            return self._failed(draft, found[0].message, f"не прошло проверку: {names}")
        self._failures = 0
        return draft if normal(text) == normal(draft.text) else _in_other_words(draft, text, situation)

    def _rewritten(self, text: str, situation: Situation) -> str:
        name = "" if self._send_review else first_name(situation.author, is_first_name=self._is_first_name) or ""
        outgoing = re.sub(rf"\b{re.escape(name)}\b", MARK, text) if name else text
        begun = self._now()
        try:
            answer = self._rewriter.rewrite(outgoing, situation if self._send_review else _stripped(situation))
        except RewriteError:
            raise
        except Exception as error:  # whatever breaks out there, the draft is here
            raise RewriteError(f"внутренняя ошибка {type(error).__name__}") from error
        finally:
            self._spend(self._now() - begun)
        return answer.replace(MARK, name) if name else answer

    def _spend(self, time: timedelta) -> None:
        self._spent += time
        if self._budget is not None and self._spent >= self._budget:
            self._rest("время на переписывание в этом проходе вышло")

    def _failed(self, draft: Draft, message: str, logged: str) -> Draft:
        self._failures += 1
        if self._failures >= PATIENCE:
            self._rest(f"неудач подряд: {self._failures}; последняя: {logged}")
        hint = Finding("not_rewritten", "hint", f"Переписать не вышло: {message}. Остался черновик по шаблону")
        return replace(draft, warnings=(*draft.warnings, hint))

    def _rest(self, why: str) -> None:
        if not self._resting:
            self._resting = True
            self._say(why)


def _stripped(situation: Situation) -> Situation:
    """Without anything of the review, its author and its history."""
    return replace(
        situation, key="", stars=None, text="", author="", verdict=_NOTHING, recent=(), elsewhere=(),
        fault=Fault.UNCONFIRMED, measure="", earlier=0,
    )  # fmt: skip


def cleaned(answer: str, original: str) -> str:
    """Without what models put around a text; dashes and «Вы» as ours."""
    text = unicodedata.normalize("NFC", _THINKING.sub("", answer, count=1)).replace("\r\n", "\n").strip()
    if fenced := _FENCED.fullmatch(text):
        text = fenced[1]
    lines = "\n".join(" ".join(line.split()) for line in text.splitlines())
    text = re.sub(r"\n{3,}", "\n\n", re.sub(r"(?<=\S) [-–—] (?=\S)", "\u00a0— ", lines)).strip()
    text = re.sub(r"(?<=\d) (?=[₽%а-яё])", "\u00a0", text)
    body, gap, signature = text.rpartition("\n")
    if gap and normal(signature) == normal(original.rpartition("\n")[2]):
        text = f"{body.rstrip()}\n\n{signature}"
    return text if _SMALL_YOU.search(original) else _SMALL_YOU.sub(r"В\1", text)


def refused(original: str, rewritten: str, situation: Situation) -> tuple[Finding, ...]:
    """Why a rewriting may not stand for its original: what it adds or loses, and what the linter says of it alone."""
    if too_long := overlong(original, rewritten):
        return (too_long,)
    if not normal(rewritten):
        return (Finding("empty", "error", "пустой ответ"),)
    before = Counter(finding.rule for finding in lint(original, situation))
    new = []
    for finding in lint(rewritten, situation):
        before[finding.rule] -= 1
        if before[finding.rule] < 0:
            new.append(finding)
    return (*added(original, rewritten, situation), *new)


def _in_other_words(draft: Draft, text: str, situation: Situation) -> Draft:
    signature = situation.brand.signature or situation.brand.name
    own = shingles(text, signature)
    said = (*situation.recent[-RECENT:], *situation.elsewhere)
    alike = max((jaccard(own, shingles(each, signature)) for each in said), default=0.0)
    kept = tuple(finding for finding in draft.warnings if finding.rule not in _LINT_RULES)
    return replace(
        draft,
        text=text,
        template=draft.template + REWRITTEN,
        warnings=(*kept, *lint(text, situation)),
        similarity=round(alike, 2),
    )


# --- what a rewriter is told -----------------------------------------------------------------------------


class Prompt:
    """The words to a rewriter: `templates/rewriter/`, or the user's files of the same names."""

    def __init__(self, templates_dir: Path | None = None) -> None:
        folders = [SHIPPED] if templates_dir is None else [templates_dir / "rewriter", SHIPPED]
        self._environment = SandboxedEnvironment(
            loader=jinja2.FileSystemLoader(folders), undefined=jinja2.StrictUndefined, autoescape=False
        )

    def instruction(self, situation: Situation) -> str:
        """What to do. Raises RewriteError."""
        return self._instruction(situation.brand.register)

    def _instruction(self, register: Register) -> str:
        return self._render(INSTRUCTION, register=register.value)

    def message(self, draft_text: str, situation: Situation) -> str:
        """What to do it to. Raises RewriteError."""
        return self._message(draft_text, situation.text[:LONGEST_REVIEW], situation.author, situation.stars)

    def _message(self, draft: str, review: str, author: str, stars: int | None) -> str:
        return self._render(MESSAGE, draft=draft, review=review, author=author, stars=stars)

    def check(self) -> None:
        """Raises RewriteError when a file does not render."""
        for register in Register:
            self._instruction(register)
        for review, author, stars in (("", "", None), ("Вкусно", "Анна К.", 5)):
            self._message("Спасибо!", review, author, stars)

    def _render(self, name: str, **values: object) -> str:
        try:
            return self._environment.get_template(name).render(values).strip()
        except (jinja2.TemplateError, ArithmeticError, AttributeError, LookupError, OSError, RecursionError, TypeError,
                ValueError) as error:  # fmt: skip
            line = f":{error.lineno}" if isinstance(error, jinja2.TemplateSyntaxError) else ""
            raise RewriteError(f"шаблон rewriter/{name}{line} не годится: {type(error).__name__}") from error
