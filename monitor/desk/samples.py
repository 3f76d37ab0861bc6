"""Pages that could not be read, as they were kept: without personal data, shown as plain text and never as a page."""

from collections.abc import Collection
from dataclasses import dataclass

from starlette.responses import Response

from monitor import wording
from monitor.accounts import Permission
from monitor.desk.context import Desk
from monitor.desk.moments import Moment, moment
from monitor.desk.page import Page
from monitor.desk.visit import Visit
from monitor.errors import NotFound
from monitor.samples import Sample

SHOWN = 60_000
"""Bytes of a page that are shown; the file has the rest."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A sample in words."""

    file: str
    source: str
    address: str
    site: str
    at: Moment
    size: str
    status: str


def kept(desk: Desk, visit: Visit, sources: Collection[str]) -> tuple[Kept, ...]:
    """The samples of these sources, for those who see to reading."""
    if not visit.account.may(Permission.OPERATE):
        return ()
    return tuple(_kept(desk, visit, sample) for sample in desk.application.samples.all() if sample.source in sources)


def _kept(desk: Desk, visit: Visit, sample: Sample) -> Kept:
    source = desk.application.sources.get(sample.source)
    return Kept(
        file=sample.name,
        source=sample.source,
        address=f"/sources/samples/{sample.name}",
        site=source.title if source else sample.source,
        at=moment(desk, visit, sample.at),
        size=wording.size(sample.size),
        status=sample.status,
    )


def sample(desk: Desk, visit: Visit) -> Response:
    found = _found(desk, visit)
    text = _body(desk, found, SHOWN).decode("utf-8", "replace")
    cut = found.size > SHOWN
    return desk.pages.show(
        "sample",
        visit=visit,
        sample=_kept(desk, visit, found),
        text=wording.visible(text.rstrip("\ufffd") if cut else text),
        cut=cut,
        shown=wording.size(SHOWN),
    )


def download(desk: Desk, visit: Visit) -> Response:
    """As text whatever it is: nothing that a double click would open as a page."""
    found = _found(desk, visit)
    headers = {"Content-Disposition": f'attachment; filename="{found.name}.txt"'}
    return Response(_body(desk, found), media_type="text/plain; charset=utf-8", headers=headers)


def _found(desk: Desk, visit: Visit) -> Sample:
    """The sample of the address, of a source with cards that the visitor may see. Raises NotFound."""
    places, name = visit.account.places, visit.request.path_params["name"]
    listings = desk.store.listings.all()
    sources = {listing.source for listing in listings if places is None or listing.place in places}
    for each in desk.application.samples.all():
        if each.name == name and each.source in sources:
            return each
    raise NotFound("no such sample, or of another source")


def _body(desk: Desk, found: Sample, limit: int = -1) -> bytes:
    body = desk.application.samples.read(found, limit)
    if body is None:
        raise NotFound("it has just made room for a newer one")
    return body


PAGES = (
    Page("/sources/samples/{name}", sample, Permission.OPERATE),
    Page("/sources/samples/{name}/file", download, Permission.OPERATE),
)
