"""situation → choose → compose → lint → Draft."""

import re
from dataclasses import replace
from pathlib import Path

from responders.choose import COMPLAINT_FRAMES, Frame, choose
from responders.compose import compose
from responders.files import ReplyTemplateError, overlay_folder
from responders.kit import Library
from responders.lint import lint
from responders.names import IsFirstName, first_name, known_to_morphology
from responders.platforms import ContactsInReply, platform
from responders.types import Draft, Finding, Situation
from sentiment.types import Theme, Tone

_MARKUP = re.compile(r"[<>{}]")
"""Code in a quote: an attack or a joke, no complaint about anything."""
_COFFEE = re.compile(r"\b(?:кофе|капучино|латте|американо|эспрессо|раф)\b", re.IGNORECASE)
_CLEAR = 0.3
"""Weight of evidence below which a theme is not named."""


class Responder:
    """Drafts replies; the same situation always gets the same draft.

    `overlay` is the user's `templates_dir` (layout of `templates/`), or None.
    """

    def __init__(self, overlay: Path | None = None, *, is_first_name: IsFirstName = known_to_morphology) -> None:
        self._library = Library(overlay_folder(overlay))
        self._shipped = Library(None)
        self._is_first_name = is_first_name

    def draft(self, situation: Situation, fault: bool = False) -> Draft:
        """Never empty, and no error for a broken overlay: the shipped wording is used and a finding says so.

        `fault`: a person has established that the company is to blame.
        """
        frame, sector = choose(situation, fault=fault), situation.brand.sector
        facts, about = self._facts(situation), _about(situation, frame)
        kit = self._library.kit(frame, sector)
        broken = kit.broken
        try:
            composition = compose(kit, situation, facts, about)
        except ReplyTemplateError as error:
            broken = (*broken, error)
            composition = compose(self._shipped.kit(frame, sector), situation, facts, about)
        warnings = tuple(map(_broken_template, broken)) + lint(composition.text, replace(situation, fault=fault))
        return Draft(composition.text, f"{frame}#{composition.variant}", warnings)

    def problems(self, sector: str) -> tuple[ReplyTemplateError, ...]:
        """What does not load in the overlay for a business of this sector, each once: for `otklik check`."""
        errors = (error for frame in Frame for error in self._library.kit(frame, sector).broken)
        return tuple({str(error): error for error in errors}.values())

    def _facts(self, situation: Situation) -> dict[str, str]:
        """The facts that phrases of this draft may state (`phrasebook.FACTS`, without `about`)."""
        site, contact = platform(situation.source), situation.brand.contact
        printed = site.contacts is ContactsInReply.ALLOWED
        facts = {
            "name": first_name(situation.author, is_first_name=self._is_first_name) or "",
            "phone": contact.phone if printed else "",
            "email": contact.email if printed else "",
        }
        if site.card and not (facts["phone"] or facts["email"]):
            facts["card"] = "нашей карточки"
        return {fact: value for fact, value in facts.items() if value}


def _about(situation: Situation, frame: Frame) -> str:
    """The list of themes.yaml for the theme that the author speaks of most, in the frame's tone; "" for none.

    A theme is named only where the words that decided the verdict stand in its quote: one guessed from the
    stars alone would have the reply speak of what nobody wrote.
    """
    kind, tone, sign = ("complaint", Tone.NEGATIVE, 1) if frame in COMPLAINT_FRAMES else ("praise", Tone.POSITIVE, -1)
    strengths: dict[str, float] = {}
    for mention in situation.verdict.themes:
        if mention.tone is tone and not _MARKUP.search(mention.quote):
            theme = "coffee" if mention.theme is Theme.QUALITY and _COFFEE.search(mention.quote) else mention.theme
            strengths[f"{kind}_{theme}"] = sum(
                max(sign * item.weight, 0.0)
                for item in situation.verdict.evidence
                if item.phrase in mention.quote or mention.quote in item.phrase
            )
    strongest = max(strengths, key=strengths.__getitem__, default="")
    return strongest if strengths.get(strongest, 0.0) >= _CLEAR else ""


def _broken_template(error: ReplyTemplateError) -> Finding:
    return Finding("broken_template", "warning", f"Ваш шаблон не годится, взят поставляемый. {error}")
