"""The words of config.yaml that the analysis learns: more of its themes, names of others. What they mean to it is
`monitor.own_words`' job."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from monitor import config_values as values
from monitor.config_file import Section


@dataclass(frozen=True, slots=True)
class ThemeWords:
    """As written. `of`: of what the quality is, "" for other themes and where the file says nothing."""

    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    of: str = ""


def read_themes(section: Section, known: Iterable[str], kinds: Iterable[str]) -> dict[str, ThemeWords]:
    """By the id of the theme, which is one of `known`; `kinds`: of what quality may be."""
    names = tuple(known)
    found = {}
    for name, entry in section.entries.items():
        if name not in names:
            entry.refuse(f"there is no theme {values.shown(name)}; {values.hint(name, names)}")
        found[name] = _theme(entry.section(), tuple(kinds) if name == "quality" else ())
    return found


def _theme(section: Section, kinds: Sequence[str]) -> ThemeWords:
    """`kinds` is empty where there is only one."""
    section.allow("words", "phrases", *(["of"] if kinds else []))
    if section.there and not section.entries.keys() & {"words", "phrases"}:
        section.document.refuse(section.path, "holds neither `words` nor `phrases`: add words: [хостес]")
    return ThemeWords(
        words=read_texts(section, "words", example="[парковк*]"),
        phrases=read_texts(section, "phrases", example="[книга жалоб]"),
        of=section.read("of", values.one_of(*kinds), "") if kinds else "",
    )


def read_texts(section: Section, key: str, *, example: str) -> tuple[str, ...]:
    """The list at `key`, each text once; where the key stands, it must not be empty."""
    found: list[str] = []
    for entry in section.items(key, example=example) if key in section.entries else ():
        written = entry.value(values.text, "")
        if written and written in found:
            entry.refuse("stands twice: keep one")
        found.append(written)
    return tuple(found)
