"""HTML of strangers as a tree: lxml behind a few words, loaded only when a page is read.

Selectors are the plain part of CSS that `formats` uses: `div.item[itemprop=review] > a.next`, `#id`.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from monitor.sources.reading import clean_line, clean_text, layout_changed

_END = "otklik-end-of-page"
_MOST_TAGS = 300_000  # ten times a large real page; each selector walks them all
_BLOCKS = frozenset({"p", "div", "li", "ul", "ol", "tr", "table", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"})
_INVISIBLE = frozenset({"script", "style", "noscript", "svg", "aside", "template"})


def _etree() -> Any:
    from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

    return etree


class Node:
    """An element of a page."""

    __slots__ = ("_element",)

    def __init__(self, element: Any) -> None:
        self._element = element

    def all(self, selector: str) -> "list[Node]":
        """Every descendant the selector fits, in the page's order."""
        return [Node(element) for element in _compiled(selector)(self._element)]

    def first(self, selector: str) -> "Node | None":
        return next(iter(self.all(selector)), None)

    def has(self, selector: str) -> bool:
        return bool(self.all(selector))

    def reaches_end(self) -> bool:
        """Whether the tree of the whole page ends with the element that `read_page` put behind it."""
        last = [self._element, *list(self._element.itersiblings())][-1]  # what follows `</html>` stands beside it
        while len(last):
            last = last[-1]
        return bool(last.get("id") == _END)

    def get(self, attribute: str) -> str:
        """An attribute, "" without it."""
        return clean_text(self._element.get(attribute) or "")

    def raw(self) -> str:
        """The element's own text as it stands: what a `<script>` holds."""
        return self._element.text or ""

    def text(self, drop: frozenset[str] = frozenset()) -> str:
        """What a reader sees, with line breaks where the page has them; elements with a class in `drop` left out."""
        said = "".join(self._pieces(drop))
        return clean_text(re.sub(r"\n{3,}", "\n\n", re.sub(r" *\n *", "\n", re.sub(r" {2,}", " ", said))))

    def line(self) -> str:
        """What a reader sees, on one line."""
        return clean_line(self.text())

    def _pieces(self, drop: frozenset[str]) -> Iterator[str]:
        waiting: list[Any] = [self._element]
        while waiting:
            item = waiting.pop()
            if isinstance(item, str):
                yield item
            elif item.tag not in _INVISIBLE and drop.isdisjoint((item.get("class") or "").split()):
                edge = "\n" if item.tag in _BLOCKS else ""
                inside = [piece for child in item for piece in (child, _flat(child.tail))]
                waiting += reversed([edge or "\n" * (item.tag == "br"), _flat(item.text), *inside, edge])


def _flat(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "")


def read_page(text: str) -> Node:
    """The page as a tree; stops when it is no page. libxml2 bounds the depth."""
    if text.count("<") > _MOST_TAGS:
        layout_changed("в ней слишком много разметки")
    etree = _etree()
    body = clean_text(text)
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        root = etree.fromstring(f'{body}<i id="{_END}"></i>'.encode(), parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    if root is None:
        layout_changed("пришла не веб-страница")
    return Node(root)


def is_whole(page: Node, text: str) -> bool:
    """Whether the page came to its end: it says so itself, and the tree has what was written after it.

    libxml2 stops in silence at 256 levels of nesting, and a cut `<script>` swallows what follows.
    """
    return "</html" in text[-4096:].lower() and page.reaches_end()


_STEP = re.compile(r"([a-z][a-z0-9]*)?((?:\.[\w-]+|#[\w-]+|\[[\w-]+(?:=[^\]'\"]+)?\])*)")
_CONDITION = re.compile(r"\.([\w-]+)|#([\w-]+)|\[([\w-]+)(?:=([^\]]+))?\]")


@cache
def _compiled(selector: str) -> Callable[[Any], list[Any]]:
    path, axis = ".", "/descendant::"
    for step in selector.split():
        if step == ">":
            axis = "/"
            continue
        fits = _STEP.fullmatch(step)
        if fits is None:
            raise ValueError(f"no such selector: {selector}")
        path += axis + (fits.group(1) or "*") + "".join(map(_condition, _CONDITION.finditer(fits.group(2))))
        axis = "/descendant::"
    found: Callable[[Any], list[Any]] = _etree().XPath(path)
    return found


def _condition(part: re.Match[str]) -> str:
    name, identity, attribute, value = part.groups()
    if name:
        return f"[contains(concat(' ', normalize-space(@class), ' '), ' {name} ')]"
    if identity:
        return f"[@id='{identity}']"
    return f"[@{attribute}='{value}']" if value else f"[@{attribute}]"
