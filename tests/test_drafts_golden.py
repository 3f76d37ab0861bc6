"""Sixty reviews and their drafts, read by eye: a changed phrase, rule or model shows here what it does.

After a change that is meant: `python -m tests.test_drafts_golden` writes the drafts anew; read the difference.
"""

import difflib
from collections import defaultdict
from pathlib import Path

import yaml

from responders.draft import Responder
from responders.types import Brand, Contact, Fault, Situation
from sentiment import analyse

FOLDER = Path(__file__).parent / "data" / "drafts"
DRAFTS = FOLDER / "drafts.txt"
BUSINESS = "«Сирень»"


def drafts() -> str:
    """Every review with why its draft is what it is, the draft and its findings."""
    analyser, responder = analyse.load(), Responder()
    said: dict[tuple[str, str], list[str]] = defaultdict(list)
    shown = []
    for number, row in enumerate(yaml.safe_load((FOLDER / "reviews.yaml").read_text(encoding="utf-8")), 1):
        card = (row["sector"], row["source"])
        contact = Contact("+7 (843) 000-00-00", "help@example.ru")
        about = Situation(
            key=f"golden/{number}",
            source=row["source"],
            place="",
            brand=Brand(BUSINESS, row["sector"], f"Команда {BUSINESS[:-2]}и»", contact),
            stars=row["stars"],
            text=row["text"],
            author=row["author"],
            verdict=analyser.analyse(row["text"], row["stars"], row["author"]),
            recent=tuple(said[card]),
            fault=Fault(row.get("fault", "unconfirmed")),
            measure=row.get("measure", ""),
        )
        draft = responder.draft(about)
        said[card].append(draft.text)
        findings = "".join(f"\n! {item.severity} {item.rule}: {item.message}" for item in draft.warnings)
        title = f"{number}. {row['sector']}, {row['source']}, {row['stars']}★, {row['author'] or 'без имени'}"
        shown.append(f"{title}\n{row['text'] or '(без текста)'}\n— {draft.reason}\n\n{draft.text}{findings}\n")
    return f"\n{'-' * 60}\n".join(shown)


def test_the_drafts_are_those_that_were_read_by_eye() -> None:
    expected, found = DRAFTS.read_text(encoding="utf-8").splitlines(), drafts().splitlines()
    assert not list(difflib.unified_diff(expected, found, "read by eye", "now", lineterm="", n=2))


def test_none_of_them_would_be_refused_by_a_site() -> None:
    assert "! error" not in DRAFTS.read_text(encoding="utf-8")


if __name__ == "__main__":
    DRAFTS.write_text(drafts(), encoding="utf-8")
