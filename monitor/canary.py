"""The trial alarm: an invented review of a place that is not there, which has to ring like any other. Pure words.

It comes without stars: only its words can tell the analysis that it is angry.
"""

from datetime import datetime, timedelta

from monitor.clock import to_iso
from monitor.model import FetchedReview, Precision

SOURCE = PLACE = "canary"
"""Of the hidden card; config.yaml cannot use the name."""

PLACE_TITLE = "учебная тревога"
SOURCE_TITLE = "Отклик"
PROMISE = timedelta(hours=1)
"""By its own policy, round the clock: the review is put in as if first seen so long ago, and is late at once."""

STALE = timedelta(days=2)
"""It is due every day: the last one that arrived proves nothing for much longer."""

TEXT = (
    "Учебная тревога. Этого отзыва никто не писал: Отклик проверяет, что тревоги доходят до людей. Отвечать не нужно. "
    "Отравились вашим салатом, ночью вызывали скорую, вторую неделю ждём ответа. Ужасное место, больше ни ногой!"
)


def review(now: datetime) -> FetchedReview:
    """One that nobody ever wrote, each by another name: the same words by the same person would be told once only."""
    return FetchedReview(
        external_id=f"{SOURCE}-{to_iso(now)}",
        stars=None,
        text=TEXT,
        author=f"Отклик, {now:%d.%m.%Y %H:%M:%S} UTC",
        posted_at=now - PROMISE,
        posted_precision=Precision.EXACT,
        url="",
    )
