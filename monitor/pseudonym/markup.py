"""HTML, XML and JSON, token by token: what the markup is made of stays, what it carries is masked.

Nothing here builds a tree: a page that no parser can read is masked like any other, in one walk from its first sign
to its last. What cannot be told for sure is masked.
"""

import re
from collections.abc import Iterator

from monitor.pseudonym import vocabulary as known
from monitor.pseudonym.text import Text

_MOST_TAGS = 60_000
_MOST_STRINGS = 250_000
"""What is behind so much is cut off: no real page holds that, and a hostile one must not take minutes."""

_TAG_NAME = re.compile(r"</?([A-Za-z][^\s/>\"'<=]*)")
_ATTRIBUTE = re.compile(r"""([\s/]*)([^\s=>/<][^\s=>/]*)(?:(\s*=\s*)("[^"]*"?|'[^']*'?|[^\s>"']*))?""")
_KNOWN_OPENING = re.compile(
    r"<!doctype\s[\w\s\"'/:.-]{0,200}>|<\?xml(?:\s+(?:version|encoding|standalone)\s*=\s*[\"'][\w.-]{1,40}[\"'])*\s*\?>",
    re.IGNORECASE | re.ASCII,
)
_LAYOUT_NAME = re.compile(r"(?:data|aria|v|ng|x|on|xml|xlink|og)[-:]?[a-z0-9_:.-]{1,60}\Z")
_GIVEN_NAME = re.compile(r"[a-z][a-z0-9_]*[-:_][a-z0-9_:.-]{0,60}\Z|[a-z]{1,3}\Z")
_RAW = ("script", "style")
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_NUMBER = re.compile(r"(?<![\w.])(-?)(\d+(?:\.\d+)?)((?:[eE][+-]?\d{1,3})?)(?![\w.])")


class Markup:
    """Masks one page and notes in `outline` which elements, classes and keys it was made of."""

    def __init__(self, text: Text) -> None:
        self._text = text
        self.outline: set[str] = set()

    # --- HTML and XML -------------------------------------------------------------------------------

    def page(self, page: str) -> str:
        return "".join(self._page(page, bool(re.match(r"\s*<\?xml|\s*<(?:rss|feed|rdf)\b", page[:500], re.IGNORECASE))))

    def _page(self, page: str, is_xml: bool) -> Iterator[str]:
        place = 0
        for _ in range(_MOST_TAGS):
            start = page.find("<", place)
            if start < 0:
                yield self._text.text(page[place:])
                return
            yield self._text.text(page[place:start])
            if page.startswith("<!--", start):
                place = _after(page, "-->", start + 4)
                yield "<!--" + self._text.text(page[start + 4 : place])
            elif page.startswith("<![CDATA[", start):
                place = _after(page, "]]>", start + 9)
                yield "<![CDATA[" + self._text.text(page[start + 9 : place])
            elif page.startswith(("<!", "<?"), start):
                opening = _KNOWN_OPENING.match(page, start)
                place = opening.end() if opening else _after(page, ">", start + 2)
                yield opening.group() if opening else page[start : start + 2] + self._text.text(page[start + 2 : place])
            elif name := _TAG_NAME.match(page, start):
                masked, place = self._tag(page, name, is_xml)
                yield masked
                if name.group(1).casefold() in _RAW and not is_xml and page[start + 1] != "/":
                    end = _find_end(page, name.group(1), place)
                    yield self.json(page[place:end])
                    place = end
            else:
                yield "<"
                place = start + 1

    def _tag(self, page: str, name: re.Match[str], is_xml: bool) -> tuple[str, int]:
        """The masked tag that begins with `name`, and where the page goes on."""
        element = name.group(1)
        done = [name.group()[: -len(element)] + self._element(element, is_xml)]
        place = name.end()
        while found := _ATTRIBUTE.match(page, place):
            done.append(self._attribute(found, is_xml))
            place = found.end()
        end = re.compile(r"[\s/]*>?").match(page, place)
        assert end is not None, "it may match nothing"
        return "".join(done) + end.group(), end.end()

    def _element(self, name: str, is_xml: bool) -> str:
        own = name.isascii() and len(name) < 60 and (is_xml or "-" in name or ":" in name)
        if name.casefold() in known.TAGS or own:
            self.outline.add(f"<{name.casefold()}")
            return name
        return self._text.text(name)

    def _attribute(self, found: re.Match[str], is_xml: bool) -> str:
        space, name, equals, quoted = found.group(1), found.group(2), found.group(3) or "", found.group(4) or ""
        plain = name.casefold()
        given = bool(equals) and (is_xml or _GIVEN_NAME.match(name) or _LAYOUT_NAME.match(name))
        shown = name if (plain in known.ATTRIBUTES or given) and name.isascii() else self._text.text(name)
        mark = quoted[:1] if quoted[:1] in ("'", '"') else ""
        closed = bool(mark) and len(quoted) > 1 and quoted.endswith(mark)
        value = quoted[len(mark) : len(quoted) - closed]
        # `name = "…"` with spaces is what a script says when its tag is broken.
        named = plain in known.TOKEN_ATTRIBUTES and (plain != "name" or equals == "=")
        if named and (mark == "" or closed):
            masked = self._text.tokens(value)
            if plain in ("class", "itemprop"):
                self.outline.update(f"{plain}={token}" for token in masked.split() if token.isascii() and _plain(token))
        elif plain in known.ADDRESS_ATTRIBUTES:
            masked = self._text.address(value)
        else:
            masked = self._other(value, plain)
        return f"{space}{shown}{equals}{mark}{masked}{mark if closed else ''}"

    def _other(self, value: str, name: str) -> str:
        """A value that may be anything, JSON with its quotes written as entities too."""
        if not value.lstrip().startswith(("{", "[")):
            return self._text.value(value, name)
        if '"' in value or "&quot;" not in value:
            return self.json(value)
        return self.json(value.replace("&quot;", '"')).replace('"', "&quot;")

    # --- JSON, and code that holds it ---------------------------------------------------------------

    def json(self, text: str) -> str:
        return "".join(self._json(text))

    def _json(self, text: str) -> Iterator[str]:
        """Strings are keys where they stand like one; every other word outside of strings is masked."""
        place, before, key = 0, "{", ""
        for count, found in enumerate(_STRING.finditer(text)):
            if count >= _MOST_STRINGS:
                return
            between = text[place : found.start()]
            yield self._outside(between, key)
            before = between.strip()[-1:] or before
            said = found.group()
            closed = len(said) > 1 and said.endswith('"')
            inside = said[1 : len(said) - closed]
            if before in ("{", ",", ";", "(") and closed and _COLON.match(text, found.end()):
                key = inside
                shown = self._text.key(inside)
                if shown == inside and _plain(inside):
                    self.outline.add(f"{inside}:")
            else:
                shown = self._text.value(inside, key) if before == ":" else self._text.text(inside)
                key = ""  # what it named has been said: in broken JSON the next value may be anybody's
            yield f'"{shown}{chr(34) * closed}'
            place, before = found.end(), '"'
        yield self._outside(text[place:], key)

    def _outside(self, between: str, key: str) -> str:
        if not between.strip(" \t\r\n{}[]:,;"):
            return between
        if not _ONLY_JSON.match(between):
            return self._text.text(between, known.CODE)
        done, place = [], 0
        for number in _NUMBER.finditer(between):
            sign, digits, power = number.groups()
            done += [
                self._text.text(between[place : number.start()], known.CODE),
                sign + self._text.number(digits, key) + power,
            ]
            place = number.end()
        return "".join(done) + self._text.text(between[place:], known.CODE)


_COLON = re.compile(r"\s*:")
# Between the strings of JSON: no two numbers without a comma, which might be a phone.
_ONLY_JSON = re.compile(r"(?>[\s{}\[\]:,;()]|true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?(?!\s*+[\w.+-]))*+\Z")


def _plain(name: str) -> bool:
    """Whether the name can be the same on the next page: numbers in it are often not."""
    return len(name) < 80 and not any(map(str.isdecimal, name))


def _after(page: str, end: str, start: int) -> int:
    """Where `end` is over; the end of the page where there is none."""
    found = page.find(end, start)
    return len(page) if found < 0 else found + len(end)


def _find_end(page: str, element: str, start: int) -> int:
    found = re.compile(f"</{element}", re.IGNORECASE).search(page, start)
    return found.start() if found else len(page)
