"""GET: how the work goes."""

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from monitor.accounts import reaches
from monitor.api.asked import NumbersQuery
from monitor.api.calls import Call, reading
from monitor.api.problems import Refusal
from monitor.api.tags import dumped, shown, weak_tag_of
from monitor.contract.asked import Known, scope_of, zone_of
from monitor.contract.numbers import summary_json
from monitor.errors import UsageError


async def get_numbers(request: Request, query: Annotated[NumbersQuery, Query()]) -> Response:
    """Reviews, answers and deadlines of a period, against the period before: by day or week of the review, by place,
    site and person. Lengths are seconds, shares 0 to 1; null is not known. As `otklik stats --json`."""
    return await reading(request, lambda call: _numbers(call, query))


def _numbers(call: Call, query: NumbersQuery) -> Response:
    application, mine = call.application, call.token.places
    places, sources = call.store.numbers.names()
    known = Known(
        zone_of(application.config),
        {place for place in places | application.titles.keys() if reaches(mine, place)},
        sources | application.sources.keys(),
    )
    try:
        scope = scope_of(
            known,
            call.now,
            since=query.since,
            until=query.until,
            place=query.place,
            source=query.source,
            assignee=query.assignee,
            places=mine,
        )
    except UsageError as error:
        raise Refusal("refused", error.message) from error
    summary = summary_json(call.store.numbers.over(scope, call.now, working=application.working))
    return shown(call.request, dumped(summary), weak_tag_of(summary, ("at", "since", "until")))
