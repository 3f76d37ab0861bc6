"""The numbers about the work for programs: one JSON object. Lengths are seconds, shares 0 to 1; null is not known."""

from datetime import timedelta
from typing import Any

from monitor.clock import optional_iso, to_iso
from monitor.numbers import COUNTS, Cohort, Figures, Period, Spread, Summary, Trend


def summary_json(summary: Summary) -> dict[str, Any]:
    scope = summary.scope
    groups = {"places": summary.places, "sources": summary.sources, "assignees": summary.assignees}
    return {
        **_period(scope.period),
        "zone": scope.period.zone,
        "place": scope.place,
        "source": scope.source,
        "assignee": scope.assignee,
        "at": to_iso(summary.at),
        "total": _figures(summary.total),
        "previous": None
        if summary.previous is None
        else _period(summary.previous.cohort.period) | _of_period(summary.previous),
        "step": summary.step.value,
        "cohorts": [_period(cohort.period) | _cohort(cohort) for cohort in summary.cohorts],
        "themes": None if summary.trends is None else [_trend(trend) for trend in summary.trends],
        **{title: {name: _figures(figures) for name, figures in group.items()} for title, group in groups.items()},
    }


def _period(period: Period) -> dict[str, Any]:
    return {"since": to_iso(period.since), "until": to_iso(period.until)}


def _figures(figures: Figures) -> dict[str, Any]:
    now = figures.now
    standing = {
        "open": now.open,
        "overdue": now.overdue,
        "oldest_overdue": optional_iso(now.oldest_overdue),
        "oldest_ticket": now.oldest_ticket,
        "backlog": now.backlog,
        "unanswerable": now.unanswerable,
    }
    return _of_period(figures) | {"now": standing}


def _of_period(figures: Figures) -> dict[str, Any]:
    """What stands open now belongs to no period but this one."""
    given, kept = figures.answers, figures.compliance
    return {
        "reviews": _cohort(figures.cohort),
        "answers": {
            "count": given.count,
            "in_time": given.in_time,
            "late": given.late,
            "backlog": given.backlog,
            "beforehand": given.beforehand,
            "team": _spread(given.team),
            "working": None if given.working is None else _spread(given.working),
            "customer": _spread(given.customer) | {"by_day": given.customer.by_day},
        },
        "compliance": {
            "due": kept.due,
            "met": kept.met,
            "late": kept.late,
            "missed": kept.missed,
            "share": kept.share,
        },
        "intake_lag": _spread(figures.lag),
    }


def _cohort(cohort: Cohort) -> dict[str, Any]:
    counts = {name: getattr(cohort, name) for name in COUNTS if name != "stars"}
    derived = {"came": cohort.came, "answerable": cohort.answerable, "answered": cohort.answered, "rate": cohort.rate}
    return derived | counts | {"average": cohort.average}


def _spread(spread: Spread) -> dict[str, Any]:
    return {"count": spread.count, "median": _seconds(spread.median), "p90": _seconds(spread.p90)}


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds()


def _trend(trend: Trend) -> dict[str, Any]:
    return {
        "theme": trend.theme,
        "count": trend.count,
        "before": trend.before,
        "chance": trend.chance,
        "rises": trend.rises,
        "tickets": list(trend.tickets),
    }
