"""Reply templates put to the test: what does not load, what the linter says of drafts and phrases, what never serves.

Drafts are written for `responders.samples` in every register. That draws a few phrases of each list only, so every
phrase is also tried by itself, behind a sound draft of a review that it may answer.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from monitor.config import SECTORS
from monitor.editing.form import slips
from monitor.wording import GLUE
from responders.choose import Frame, choose
from responders.draft import Responder
from responders.files import SHIPPED, ReplyTemplateError, overlay_folder
from responders.kit import ASKS, Kit
from responders.lint import lint
from responders.lint.rule import ERROR, HINT, WARNING
from responders.phrasebook import PARTS, THEME_LISTS, Phrase, Topic
from responders.points import LISTS
from responders.samples import SAMPLES, situations
from responders.types import Brand, Finding, Register, Situation
from sentiment import rules
from sentiment.business import Business
from sentiment.rules import Rule
from sentiment.types import Risk, Theme, Tone

BROKEN = "broken_template"
UNUSABLE = "never_usable"
MISSING = "missing_list"
REPAIR = "Исправьте место или уберите файл; до тех пор ответы пишутся по поставляемому."
REPAIR_AT_THE_DESK = "Фразы исправляют на странице «Фразы ответов»: там же возвращают прежние."

_WHERE = ("reply.txt.j2", "shared.yaml", "topics.yaml", "risks.yaml", "asks.yaml")
_FILES = frozenset(_WHERE) | {f"{frame}.yaml" for frame in Frame} | {f"themes/{theme}.yaml" for theme in Theme}
_OF_THE_WHOLE = frozenset({"double_greeting", "repeated_sentence"})
"""Rules about how phrases go together, which a phrase tried behind a draft breaks by being tried."""
_NEEDS_STARS = frozenset({Frame.STARS_ONLY, Frame.REGRET_STARS_ONLY, Frame.GENTLE_REGRET})
_NAME = "Анна"


@dataclass(frozen=True, slots=True)
class DraftFinding:
    """What the linter says of the draft for a sample, named as in `responders.samples`."""

    situation: str
    register: Register
    finding: Finding
    text: str


@dataclass(frozen=True, slots=True)
class PhraseFinding:
    """`line` is None for a file as a whole. `text`: the phrase as it reads in a reply, or as the file has it."""

    file: Path
    line: int | None
    finding: Finding
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """`drafts` and `phrases` were looked at, no matter what was found."""

    problems: tuple[ReplyTemplateError, ...]
    drafts: int
    phrases: int
    of_drafts: tuple[DraftFinding, ...]
    of_phrases: tuple[PhraseFinding, ...]

    @property
    def errors(self) -> int:
        """What makes the templates unfit: files that do not load, texts that must not be posted."""
        return len(self.problems) + self._count(ERROR)

    @property
    def warnings(self) -> int:
        return self._count(WARNING)

    def _count(self, severity: str) -> int:
        found = [row.finding for row in self.of_drafts] + [row.finding for row in self.of_phrases]
        return sum(finding.severity == severity for finding in found)


def examine(responder: Responder, templates_dir: Path | None, brand: Brand, business: Business) -> Report:
    """Of the templates in force for this business."""
    trial = Trial(responder, templates_dir, brand, business)
    of_phrases = list(trial.of_phrases())
    problems = {str(error): error for error in (*responder.problems(brand.sector), *trial.broken)}
    of_drafts = []
    for register in Register:
        for sample, about in zip(SAMPLES, situations(replace(brand, register=register)), strict=True):
            draft = responder.draft(about)
            of_drafts += [
                DraftFinding(sample.name, register, finding, draft.text)
                for finding in draft.warnings
                # What does not load is a problem and said once.
                if finding.severity != HINT and not (finding.rule == BROKEN and _said(finding, problems))
            ]
    return Report(
        tuple(problems.values()), len(SAMPLES) * len(Register), trial.phrases, tuple(of_drafts), tuple(of_phrases)
    )


def _said(finding: Finding, problems: Iterable[str]) -> bool:
    return any(finding.message.endswith(problem) for problem in problems)


@dataclass(frozen=True, slots=True)
class _List:
    """Phrases and the review they are tried on: `facts` are all that may be known there, `kinds` those that may be said
    (None: the list knows no kinds). `why`: no reply ever holds a phrase of the list; there is no review then."""

    phrases: tuple[Phrase, ...]
    about: Situation | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    kinds: frozenset[str] | None = None
    grades: tuple[int | None, ...] = (None,)
    why: str = ""


class Trial:
    """Tries every phrase of a business's templates. `broken`: what turned out not to render; `phrases`: how many."""

    def __init__(self, responder: Responder, templates_dir: Path | None, brand: Brand, business: Business) -> None:
        self.broken: list[ReplyTemplateError] = []
        self.phrases = 0
        self._responder = responder
        self._overlay = overlay_folder(templates_dir)
        self._library = responder.library
        self._brand = brand
        self._business = business
        self._samples = situations(brand)
        self._bases: dict[Situation, str] = {}
        signature = brand.signature or brand.name
        self._brand_values = {"business": brand.name, "sector": brand.sector, "signature": signature}
        contact = {"phone": brand.contact.phone, "email": brand.contact.email}
        self._always = {"name": _NAME, "card": "нашей карточки"} | {key: text for key, text in contact.items() if text}
        self._reach = self._way_to_reach_us()

    def of_phrases(self) -> Iterator[PhraseFinding]:
        yield from self._unread_files()
        yield from self._missing_lists()
        yield from self.of_book(None)

    def of_book(self, file: Path | None) -> Iterator[PhraseFinding]:
        """Of the phrases that stand there; None for all."""
        tried: set[tuple[Path, int, int]] = set()
        said: set[PhraseFinding] = set()
        for each in self._lists():
            for phrase in each.phrases:
                if file is not None and phrase.file != file:
                    continue
                tried.add((phrase.file, phrase.line, phrase.number))
                for finding in self._of_phrase(phrase, each):
                    if finding not in said:
                        said.add(finding)
                        yield finding
        self.phrases = len(tried)

    def _unread_files(self) -> Iterator[PhraseFinding]:
        """A misspelt name is never missed otherwise."""
        if self._overlay is None or not self._overlay.is_dir():
            return
        for file in sorted(self._overlay.rglob("*")):
            name = file.relative_to(self._overlay).as_posix()
            sector, _, rest = name.partition("/")
            known = name in _FILES or (sector in SECTORS and rest in _FILES)
            if file.is_file() and not known and not file.name.startswith("."):
                why = "Файла с таким именем программа не читает: имена должны быть как в поставляемой templates/replies"
                yield PhraseFinding(file, None, Finding(UNUSABLE, WARNING, why), "")

    def _missing_lists(self) -> Iterator[PhraseFinding]:
        """The reason of a draft would name the theme, the draft would not."""
        for theme, lists in self._library.kit(Frame.THANKS, self._brand.sector).common.themes.items():
            for name in sorted(THEME_LISTS - lists.keys()):
                why = f"Нет списка {name}: в таких ответах о теме не скажут ни слова"
                yield PhraseFinding(SHIPPED / "themes" / f"{theme}.yaml", None, Finding(MISSING, WARNING, why), "")

    # --- which lists there are ---------------------------------------------------------------------------

    def _lists(self) -> Iterator[_List]:
        kits = {frame: self._library.kit(frame, self._brand.sector) for frame in Frame}
        common = kits[Frame.THANKS].common
        for frame, kit in kits.items():
            yield from self._of_frame(frame, kit)
        for theme, name in ((theme, name) for theme in Theme for name in sorted(THEME_LISTS)):
            if phrases := common.themes[theme].get(name, ()):
                yield self._of_theme(phrases, theme, name, common.topics.rows)
        for risk in Risk:
            about = next(each for each in self._samples if any(item.risk is risk for item in each.verdict.risks))
            yield _List(common.risks.get(risk, ()), about, self._always, grades=_grades(about))
        for name in sorted(ASKS):
            about = self._asking(name)
            facts = self._always | ({"about": "о сотрудниках"} if name == "praised" else {})
            yield _List(common.asks.get(name, ()), about, facts, grades=_grades(about))
        # A sector's own frames may do without a list that others take.
        every = [*kits.values(), *(self._library.kit(frame, "") for frame in Frame)]
        referred = {name for kit in every for name, _ in kit.book.references.values()} | {"reach"}
        for name, phrases in common.shared.items():
            if name not in referred:
                yield _List(phrases[:1], why=f"на список {name} не ссылается ни один файл")

    def _of_frame(self, frame: Frame, kit: Kit) -> Iterator[_List]:
        about = next(each for each in self._samples if choose(each).frame is frame)
        facts = dict(self._always)
        if frame in (Frame.THANKS, Frame.STARS_ONLY) and self._brand.emoji:
            facts["emoji"] = self._brand.emoji
        grades = tuple(grade for grade in _grades(about) if grade is not None or frame not in _NEEDS_STARS)
        for part in PARTS:
            yield _List(kit.phrases(part), about, facts, grades=grades)
        if frame is Frame.APOLOGY:
            yield _List(kit.phrases("measures"), about, facts | {"measure": "сменили поставщика"}, grades=grades)
        else:
            yield _List(kit.phrases("measures"), why="мера называется только в apology.yaml")

    def _of_theme(self, phrases: tuple[Phrase, ...], theme: Theme, name: str, topics: Iterable[Topic]) -> _List:
        frame, tone = next((frame, tone) for frame, (tone, list_) in LISTS.items() if list_ == name)
        about = self._speaking_of(theme, frame, tone)
        facts = dict(self._always)
        ours = [each for each in topics if theme in each.themes]
        here = next((each for each in ours if not each.sectors or self._brand.sector in each.sectors), None)
        if named := here or next(iter(ours), None):
            facts |= {"topic": named.topic, "about": named.about, "liked": named.liked}
        if theme is Theme.STAFF and tone is Tone.POSITIVE:
            facts["person"] = "мастеру Марине"
        return _List(phrases, about, facts, self._kinds(theme), _grades(about))

    def _kinds(self, theme: Theme) -> frozenset[str]:
        """What finer things the analysis tells apart."""
        found = [rule for rule in (*_rules(), *self._business.rules()) if rule.says is theme]
        names = {rule.name.partition(".")[2] for rule in found} | {rule.of for rule in found if rule.of}
        return frozenset(names | ({self._business.of} - {""} if theme is Theme.QUALITY else set()))

    def _speaking_of(self, theme: Theme, frame: Frame, tone: Tone) -> Situation:
        """The sample of this frame that speaks of the theme, else any of the frame; one that thanks somebody by name
        is preferred."""
        of_frame = [each for each in self._samples if choose(each).frame is frame]
        fitting = [each for each in of_frame if any((m.theme, m.tone) == (theme, tone) for m in each.verdict.themes)]
        return max(fitting or of_frame, key=lambda each: bool(each.verdict.people))

    def _asking(self, name: str) -> Situation:
        """A sample that is answered with this list of asks.yaml."""

        def fits(about: Situation) -> bool:
            verdict = about.verdict
            match name:
                case "again" | "again_complaint":
                    return bool(about.earlier) and verdict.flagged == (name == "again_complaint")
                case "praised":
                    return {Tone.POSITIVE, Tone.NEGATIVE} <= {item.tone for item in verdict.themes}
                case _:
                    return any(item.intent == name for item in verdict.intents)

        return next(filter(fits, self._samples))

    # --- one phrase --------------------------------------------------------------------------------------

    def _of_phrase(self, phrase: Phrase, where: _List) -> Iterator[PhraseFinding]:
        if why := _never(phrase, where):
            yield PhraseFinding(phrase.file, phrase.line, Finding(UNUSABLE, WARNING, why), self._source(phrase))
            return
        about = where.about
        elsewhere = phrase.sectors and self._brand.sector not in phrase.sectors
        if about is None or elsewhere or not phrase.facts <= where.facts.keys():
            return
        # A number that stands in the phrase itself must not go unnoticed: not every site takes one.
        source = "yandex_maps" if phrase.facts & {"phone", "email"} else "google_business"
        about = replace(about, source=source, author=f"{_NAME} К.")
        said: set[str] = set()
        for stars in where.grades:
            try:
                text = phrase.render(self._values(about, where.facts, stars))
            except ReplyTemplateError as error:
                self.broken.append(error)
                return
            if text not in said:
                said.add(text)
                for finding in (*slips(phrase, text), *self._linted(text, about)):
                    yield PhraseFinding(phrase.file, phrase.line, finding, text)

    def _values(self, about: Situation, facts: Mapping[str, str], stars: int | None) -> dict[str, object]:
        return {**facts, **self._brand_values, "place": about.place, "stars": stars, "reach": self._reach}

    def _way_to_reach_us(self) -> str:
        """What `{{ reach }}` stands for. A broken phrase of that list is broken itself, not those that use it."""
        values = {**self._always, **self._brand_values, "place": self._samples[0].place, "stars": None}
        found = []
        for phrase in self._library.kit(Frame.THANKS, self._brand.sector).common.shared.get("reach", ()):
            elsewhere = phrase.sectors and self._brand.sector not in phrase.sectors
            if phrase.facts <= self._always.keys() and not elsewhere:
                try:
                    found.append((phrase.general(frozenset()), phrase.render(values)))
                except ReplyTemplateError as error:
                    self.broken.append(error)
        return next((text for general, text in found if general), "напишите нам")

    def _linted(self, phrase: str, about: Situation) -> Iterator[Finding]:
        """What is wrong with the phrase itself: around it stands a draft that has everything a reply needs."""
        base = self._base(about)
        end = f"\n\n{self._brand_values['signature']}"
        # Typesetting has changed nothing of a signature but the kind of its spaces.
        signed = base.replace(GLUE, " ").endswith(end.replace(GLUE, " "))
        body = base[: -len(end)] if signed else base
        text = base if phrase in base else f"{body} {phrase}{base[len(body) :]}"
        first = text.find(phrase)
        for finding in lint(text, about):
            within = finding.span and finding.span[0] < first + len(phrase) and finding.span[1] > first
            if within and finding.severity != HINT and finding.rule not in _OF_THE_WHOLE:
                yield Finding(finding.rule, finding.severity, finding.message)

    def _source(self, phrase: Phrase) -> str:
        """The phrase as the file has it."""
        try:
            text = self._library.source(phrase.file).read()
            return text.splitlines()[phrase.line - 1].strip().removeprefix("- ")
        except (ReplyTemplateError, IndexError):
            return ""

    def _base(self, about: Situation) -> str:
        if about not in self._bases:
            self._bases[about] = self._responder.draft(about).text
        return self._bases[about]


@cache
def _rules() -> tuple[Rule[Theme], ...]:
    """Those that came with the program: it takes a while to read them."""
    return tuple(rules.load("themes", Theme))


def _never(phrase: Phrase, where: _List) -> str:
    """Why no reply can ever hold this phrase, whatever the config says of contacts and sector; "" where some may."""
    if where.why:
        return _sentence(where.why)
    if unknown := phrase.sectors - set(SECTORS):
        return _sentence(f"нет такой сферы: {_listed(unknown)}; бывают: {', '.join(SECTORS)}")
    if phrase.kinds and where.kinds is None:
        return "Слово kinds действует только в файлах themes: здесь уберите его"
    if phrase.kinds and where.kinds is not None and not phrase.kinds & where.kinds:
        return _sentence(f"у этой темы не бывает: {_listed(phrase.kinds)}; бывают: {_listed(where.kinds)}")
    if missing := phrase.facts - where.facts.keys() - {"phone", "email", "emoji"}:
        return _sentence(f"здесь никогда не известно: {_listed(missing)}; можно: {_listed(where.facts)}")
    return ""


def _grades(about: Situation) -> tuple[int | None, ...]:
    """Numbers of stars that such a review may have."""
    return (1, 3, None) if about.verdict.flagged else (4, 5, None)


def _listed(names: Collection[str]) -> str:
    return ", ".join(sorted(names))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
