"""The page of `otklik templates preview`: every sample with the reply it gets, frame by frame."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from monitor import wording
from monitor.editing.books import FRAMES
from responders.choose import Frame, choose
from responders.draft import THEMES, Responder
from responders.platforms import platform
from responders.samples import SAMPLES, Sample, situations
from responders.types import Brand, Draft, Fault, Situation
from sentiment.types import Tone

MARK = '<meta name="generator" content="otklik templates preview">'
"""How a file is known for one of ours: only such a file is written over."""

VARIANTS = 3

_TONES = {Tone.NEGATIVE: "−", Tone.NEUTRAL: "±", Tone.POSITIVE: "+"}
_SEVERITIES = {"error": "ошибка", "warning": "предупреждение", "hint": "подсказка"}
_FOLDER = Path(__file__).resolve().parents[2] / "templates" / "preview"


@dataclass(frozen=True, slots=True)
class Card:
    """A sample and its replies. `heard`: what the analysis found, in words; `reason`: why this kind of reply."""

    title: str
    stars: str
    site: str
    author: str
    text: str
    heard: Sequence[str]
    reason: str
    replies: Sequence["Reply"]


@dataclass(frozen=True, slots=True)
class Reply:
    """`findings`: severity as an id and in words, rule, message."""

    text: str
    size: str
    template: str
    findings: Sequence[tuple[str, str, str, str]]


@dataclass(frozen=True, slots=True)
class Section:
    frame: str
    title: str
    cards: Sequence[Card]

    @property
    def findings(self) -> int:
        return sum(len(reply.findings) for card in self.cards for reply in card.replies)


def page(responder: Responder, brand: Brand, *, own: bool) -> str:
    """HTML that needs no other file; drafts in the register of the business. `own`: it has a templates_dir."""
    problems = [str(problem) for problem in responder.problems(brand.sector)]
    cards: dict[Frame, list[Card]] = {frame: [] for frame in FRAMES}
    for sample, about in zip(SAMPLES, situations(brand), strict=True):
        cards[choose(about).frame].append(_card(sample, about, responder, problems))
    sections = [Section(frame.value, FRAMES[frame], found) for frame, found in cards.items()]
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["counted"] = wording.counted
    return environment.get_template("page.html").render(
        mark=MARK,
        business=brand.name,
        register=wording.REGISTERS[brand.register],
        sector=brand.sector,
        own=own,
        problems=[wording.visible(problem) for problem in problems],
        sections=sections,
        samples=len(SAMPLES),
    )


def _card(sample: Sample, about: Situation, responder: Responder, problems: Sequence[str]) -> Card:
    replies = list(_replies(about, responder))
    return Card(
        title=sample.name,
        stars=wording.stars(sample.stars),
        site=platform(sample.source).title,
        author=wording.visible(sample.author) or "без имени",
        text=wording.visible(sample.text),
        heard=list(_heard(sample)),
        reason=replies[0].reason,
        replies=[_reply(draft, problems) for draft in replies],
    )


def _replies(about: Situation, responder: Responder) -> Iterator[Draft]:
    """As if the same words came under the same card again and again."""
    said: list[str] = []
    for number in range(VARIANTS):
        draft = responder.draft(replace(about, key=f"{about.key}/{number}", recent=tuple(said)))
        said.append(draft.text)
        yield draft


def _reply(draft: Draft, problems: Sequence[str]) -> Reply:
    """What does not load stands at the head of the page, not under every draft."""
    findings = [
        (finding.severity, _SEVERITIES[finding.severity], finding.rule, wording.visible(finding.message))
        for finding in draft.warnings
        if not finding.message.endswith(tuple(problems))
    ]
    return Reply(draft.text, wording.counted(len(draft.text), "знак", "знака", "знаков"), draft.template, findings)


def _heard(sample: Sample) -> Iterator[str]:
    for risk in sample.risks:
        yield f"опасность: {wording.RISKS[risk.risk]}"
    for theme in sample.themes:
        yield f"{THEMES[theme.theme]} {_TONES[theme.tone]}"
    for person in sample.people:
        yield " ".join(filter(None, (person.role, person.name, _TONES[person.tone])))
    for intent in sample.intents:
        yield wording.INTENTS[intent.intent]
    if sample.fault is not Fault.UNCONFIRMED:
        yield wording.FAULTS[sample.fault]
    if sample.measure:
        yield f"сделано: {sample.measure.rstrip('.')}"
    if sample.earlier:
        yield f"раньше писал: {wording.counted(sample.earlier, 'раз', 'раза', 'раз')}"
