"""situation → choose → points → compose → lint → Draft."""

from pathlib import Path

from responders.choose import Choice, Frame, choose
from responders.compose import Composition, compose
from responders.files import ReplyTemplateError, overlay_folder
from responders.kit import Kit, Library
from responders.lint import lint
from responders.names import IsFirstName, first_name, known_to_morphology
from responders.platforms import ContactsInReply, platform
from responders.points import Point, find
from responders.swap import Lint, Wordings, swaps
from responders.types import Draft, Finding, Situation, Swap
from sentiment.types import Intent, Theme

THEMES: dict[Theme, str] = {
    Theme.STAFF: "сотрудники", Theme.WAITING: "ожидание", Theme.QUALITY: "качество", Theme.CLEANLINESS: "чистота",
    Theme.PRICE: "цены", Theme.ATMOSPHERE: "обстановка", Theme.DELIVERY: "доставка", Theme.BOOKING: "запись",
    Theme.PAYMENT: "расчёт", Theme.DECEIT: "честность", Theme.SAFETY: "безопасность",
    Theme.ASSORTMENT: "ассортимент", Theme.LOCATION: "расположение",
}  # fmt: skip
"""As the reason of a draft names them."""


class Responder:
    """Drafts replies; the same situation always gets the same draft.

    `overlay` is the user's `templates_dir` (layout of `templates/`), or None.
    """

    def __init__(self, overlay: Path | None = None, *, is_first_name: IsFirstName = known_to_morphology) -> None:
        self._library = Library(overlay_folder(overlay))
        self._shipped = Library(None)
        self._is_first_name = is_first_name

    def draft(self, situation: Situation) -> Draft:
        """Never empty, and no error for a broken overlay: the shipped wording is used and a finding says so."""
        choice, sector = choose(situation), situation.brand.sector
        facts = self._facts(situation, choice.frame)
        kit = self._library.kit(choice.frame, sector)
        broken = kit.broken
        try:
            points, composition = _composed(kit, situation, choice.frame, facts)
        except ReplyTemplateError as error:
            broken = (*broken, error)
            points, composition = _composed(self._shipped.kit(choice.frame, sector), situation, choice.frame, facts)
        warnings = (*map(_broken_template, broken), *lint(composition.text, situation), *_open_ends(situation))
        return Draft(
            composition.text,
            f"{choice.frame}#{composition.variant}",
            warnings,
            reason=_reason(choice, points),
            similarity=round(composition.similarity, 2),
        )

    def swaps(self, text: str, situation: Situation, check: Lint | None = None) -> tuple[Swap, ...]:
        """Other wordings of a reply's sentences, whoever wrote it; an alternative adds nothing to what `check` (by
        default the linter) finds wrong with it."""
        frame, sector = choose(situation).frame, situation.brand.sector
        kit = self._library.kit(frame, sector)
        points = find(situation, frame, kit.common.topics)
        wordings = Wordings(kit, situation, self._facts(situation, frame), points)
        return swaps(text, wordings, check or (lambda reply: lint(reply, situation)))

    def warm(self, sector: str) -> None:
        """Loads now what drafts for that sector need: templates and the dictionary of word forms."""
        for frame in Frame:
            self._library.kit(frame, sector)
        self._is_first_name("Анна")

    def problems(self, sector: str) -> tuple[ReplyTemplateError, ...]:
        """What does not load in the overlay for a business of this sector, each once: for `otklik check`."""
        errors = (error for frame in Frame for error in self._library.kit(frame, sector).broken)
        return tuple({str(error): error for error in errors}.values())

    def _facts(self, situation: Situation, frame: Frame) -> dict[str, str]:
        """The facts that any phrase of this draft may state (`phrasebook.FACTS`)."""
        site, brand = platform(situation.source), situation.brand
        printed = site.contacts is ContactsInReply.ALLOWED
        facts = {
            "name": first_name(situation.author, is_first_name=self._is_first_name) or "",
            "phone": brand.contact.phone if printed else "",
            "email": brand.contact.email if printed else "",
            "emoji": brand.emoji if frame in (Frame.THANKS, Frame.STARS_ONLY) else "",
        }
        if site.card and not (facts["phone"] or facts["email"]):
            facts["card"] = "нашей карточки"
        return {fact: value for fact, value in facts.items() if value}


def _composed(
    kit: Kit, situation: Situation, frame: Frame, facts: dict[str, str]
) -> tuple[tuple[Point, ...], Composition]:
    points = find(situation, frame, kit.common.topics)
    return points, compose(kit, situation, facts, points)


def _reason(choice: Choice, points: tuple[Point, ...]) -> str:
    about = ", ".join(THEMES[point.theme] for point in points)
    return f"{choice.why}; говорим о: {about}" if about else choice.why


def _open_ends(situation: Situation) -> tuple[Finding, ...]:
    """What a draft cannot know and a person has to add."""
    asked = [item.quote for item in situation.verdict.intents if item.intent is Intent.QUESTION]
    return tuple(
        Finding("open_question", "hint", f"Автор спрашивает: «{quote}». Если ответ можно дать здесь, допишите его")
        for quote in asked[:1]
    )


def _broken_template(error: ReplyTemplateError) -> Finding:
    return Finding("broken_template", "warning", f"Ваш шаблон не годится, взят поставляемый. {error}")
