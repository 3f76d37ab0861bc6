"""HTML of strangers: read by Beautiful Soup over lxml, which is loaded only when a page comes; its words as text.

A page is asked with Beautiful Soup's own `select`. Where many fields are wanted of many cards, that takes longer
than reading the page: `parts` finds them all in one walk.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from monitor.sources.reading import clean_line, clean_text, layout_changed

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag
    from bs4.element import PageElement

# They bound time (seconds) and memory (200 MB) on hostile pages; real ones have under 10,000 tags, 2 brackets each.
_LONGEST = 2_500_000
_MOST_BRACKETS = 30_000
_DEEPEST = 128

_END = "otklik-end-of-page"
_BLOCKS = frozenset({"p", "div", "li", "ul", "ol", "tr", "table", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"})
_INVISIBLE = frozenset({"script", "style", "noscript", "svg", "aside", "template"})


def read_page(text: str, only: str = "") -> "BeautifulSoup":
    """The page as a tree, of the elements named `only` where a name is given; stops when it is too much to read."""
    if len(text) > _LONGEST or text.count("<") > _MOST_BRACKETS:
        layout_changed("в ней слишком много разметки")
    from bs4 import BeautifulSoup
    from bs4.filter import SoupStrainer

    # What begins with a line break is never taken for XML, about which Beautiful Soup would warn.
    page = BeautifulSoup(
        f'\n{clean_text(text)}<script id="{_END}"></script>',
        "lxml",
        multi_valued_attributes=None,
        attribute_dict_class=dict,  # its own converts every value, which takes longer than parsing where they are many
        parse_only=SoupStrainer(only) if only else None,
    )
    if _depth(page) > _DEEPEST:
        layout_changed("её элементы слишком глубоко вложены друг в друга")
    return page


def is_whole(page: "BeautifulSoup", text: str) -> bool:
    """Whether the page came to its end: it says so itself, and the tree ends with what was written behind it
    (a cut `<script>` or attribute swallows that)."""
    from bs4.element import Tag

    last: PageElement = page
    while isinstance(last, Tag) and last.contents:
        last = last.contents[-1]
    return "</html" in text[-4096:].lower() and isinstance(last, Tag) and last.get("id") == _END


def attribute(tag: "Tag | None", name: str) -> str:
    """An attribute, "" without it or without the tag."""
    value = tag.get(name) if tag else None
    return clean_text(value) if isinstance(value, str) else ""


def script(tag: "Tag") -> str:
    """What a `<script>` holds."""
    return str(tag.string or "")


def text(tag: "Tag", drop: frozenset[str] = frozenset()) -> str:
    """What a reader sees, with line breaks where the page has them; elements with a class in `drop` left out."""
    said = "".join(_pieces(tag, drop))
    return clean_text(re.sub(r"\n{3,}", "\n\n", re.sub(r" *\n *", "\n", re.sub(r" {2,}", " ", said))))


def line(tag: "Tag | None") -> str:
    """What a reader sees, on one line; "" without the tag."""
    return clean_line("".join(_pieces(tag, frozenset()))) if tag else ""


def parts(tag: "Tag") -> "dict[str, Tag]":
    """The first element inside of each class (as `.name`) and of each `itemprop` (as it is written)."""
    found: dict[str, Tag] = {}
    for inside in tag.find_all(True):
        for name in str(inside.get("class") or "").split():
            found.setdefault(f".{name}", inside)
        found.setdefault(str(inside.get("itemprop") or ""), inside)
    return found


def _pieces(tag: "Tag", drop: frozenset[str]) -> Iterator[str]:
    from bs4.element import NavigableString, PreformattedString, Tag

    waiting: list[PageElement | str] = [tag]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Tag):
            if item.name not in _INVISIBLE and drop.isdisjoint(attribute(item, "class").split()):
                edge = "\n" if item.name in _BLOCKS else ""
                waiting += [edge or "\n" * (item.name == "br"), *reversed(item.contents), edge]
        elif not isinstance(item, NavigableString):
            yield str(item)  # an edge
        elif not isinstance(item, PreformattedString):  # comments and their like
            yield re.sub(r"\s+", " ", item)


def _depth(page: "BeautifulSoup") -> int:
    depths = {id(page): 0}
    for tag in page.find_all(True):
        depths[id(tag)] = depths[id(tag.parent)] + 1
    return max(depths.values())
