"""situation → choose → points → compose → lint → Draft."""

from pathlib import Path

from responders.choose import Choice, Frame, choose
from responders.compose import Composition, compose
from responders.files import ReplyTemplateError, Stored, is_stored, overlay_folder
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


USERS = "Ваш шаблон не годится, взят поставляемый"


class Responder:
    """Drafts replies; the same situation always gets the same draft.

    `overlay` is the user's `templates_dir` (layout of `templates/`), or None; `stored`: what was set at the desk.
    """

    def __init__(
        self,
        overlay: Path | None = None,
        stored: Stored | None = None,
        *,
        is_first_name: IsFirstName = known_to_morphology,
    ) -> None:
        folder = overlay_folder(overlay)
        self.library = Library(folder, stored)
        self._spare = [*([Library(folder)] if folder and stored else []), Library(None)]
        self._is_first_name = is_first_name

    def draft(self, situation: Situation) -> Draft:
        """Never empty, and no error for broken wordings: those that they stand before are used and a finding says
        so."""
        choice = choose(situation)
        broken: list[ReplyTemplateError] = []
        points, composition = self._composed(situation, choice.frame, broken)
        warnings = (*map(_broken_template, broken), *lint(composition.text, situation), *_open_ends(situation))
        return Draft(
            composition.text,
            f"{choice.frame}#{composition.variant}",
            warnings,
            reason=_reason(choice, points),
            similarity=round(composition.similarity, 2),
        )

    def _composed(
        self, situation: Situation, frame: Frame, broken: list[ReplyTemplateError]
    ) -> tuple[tuple[Point, ...], Composition]:
        """Out of the first wordings that serve; what is wrong with those before goes to `broken`."""
        facts, sector = self.facts(situation, frame), situation.brand.sector
        kit = self.library.kit(frame, sector)
        broken += kit.broken
        for spare in self._spare:
            try:
                return _composed(kit, situation, frame, facts)
            except ReplyTemplateError as error:
                broken.append(error)
                kit = spare.kit(frame, sector)
        return _composed(kit, situation, frame, facts)

    def swaps(self, text: str, situation: Situation, check: Lint | None = None) -> tuple[Swap, ...]:
        """Other wordings of a reply's sentences, whoever wrote it; an alternative adds nothing to what `check` (by
        default the linter) finds wrong with it."""
        frame, sector = choose(situation).frame, situation.brand.sector
        kit = self.library.kit(frame, sector)
        points = find(situation, frame, kit.common.topics)
        wordings = Wordings(kit, situation, self.facts(situation, frame), points)
        return swaps(text, wordings, check or (lambda reply: lint(reply, situation)))

    def warm(self, sector: str) -> None:
        """Loads now what drafts for that sector need: templates and the dictionary of word forms."""
        for frame in Frame:
            self.library.kit(frame, sector)
        self._is_first_name("Анна")

    def problems(self, sector: str) -> tuple[ReplyTemplateError, ...]:
        """What of the user's does not load for a business of this sector, each once: for `otklik check`."""
        errors = (error for frame in Frame for error in self.library.kit(frame, sector).broken)
        return tuple({str(error): error for error in errors}.values())

    def facts(self, situation: Situation, frame: Frame) -> dict[str, str]:
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
    what = "Фразы, изменённые в Отклике, не годятся, взяты прежние" if is_stored(error.file) else USERS
    return Finding("broken_template", "warning", f"{what}. {error}")
