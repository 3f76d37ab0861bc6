"""What config.yaml tells the analysis of the business: its names and those of others, its own words of the themes."""

import re
from collections.abc import Callable, Iterable, Iterator

from monitor.config import Config
from monitor.errors import ConfigError
from sentiment.business import Business, OwnTheme, check_phrase, check_word
from sentiment.rules import RuleError
from sentiment.types import Theme

QUALITY_OF = {"food": "food", "shop": "goods", "clinic": "work", "beauty": "work", "cars": "work", "bank": "work"}
"""By sector. A hotel's and a courier's quality may be of anything."""

_QUOTED = re.compile('[«“„"]([^«»“”„"]+)[»”“"]')
_KIND = re.compile(
    r"""\A(?:кафе|кофейня|кондитерская|пекарня|ресторан|бар|паб|столовая|пиццерия|бистро|кулинария|суши-бар
    |магазин|супермаркет|гипермаркет|универмаг|аптека|салон\ красоты|салон|барбершоп|парикмахерская|студия|спа
    |клиника|медицинский\ центр|медцентр|центр|стоматология|ветклиника|ветеринарная\ клиника|больница|поликлиника
    |гостиница|отель|хостел|автосервис|автосалон|автомойка|шиномонтаж|служба\ доставки|доставка|банк
    |сеть|компания|фирма|ооо|зао|пао|оао|ао)\ """,
    re.IGNORECASE | re.VERBOSE,
)


def business(config: Config) -> Business:
    return Business(
        names=tuple(dict.fromkeys([*_names(config.business.name), *config.business.brands])),
        competitors=tuple(name for written in config.competitors for name in _names(written)),
        of=QUALITY_OF.get(config.business.sector, ""),
        themes=tuple(OwnTheme(Theme(name), own.words, own.phrases, own.of) for name, own in config.themes.items()),
    )


def _names(written: str) -> list[str]:
    """What stands in quotes («Кафе «Ромашка»»), else all without the word that says what kind of business it is."""
    if quoted := [name for found in _QUOTED.findall(written) if (name := found.strip())]:
        return quoted
    return [_KIND.sub("", written)]


def problems(config: Config) -> Iterator[ConfigError]:
    """Words and phrases that the analysis could not look for."""
    for name, own in config.themes.items():
        yield from _refused(config, f"themes.{name}.words", own.words, check_word)
        yield from _refused(config, f"themes.{name}.phrases", own.phrases, check_phrase)


def _refused(config: Config, path: str, written: Iterable[str], check: Callable[[str], None]) -> Iterator[ConfigError]:
    for number, text in enumerate(written):
        try:
            if text:  # else the file itself is wrong there, and said so
                check(text)
        except RuleError as error:
            yield config.error(f"{path}.{number}", str(error))
