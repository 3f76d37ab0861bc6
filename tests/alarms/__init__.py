"""Sixty seeded days of twenty places."""

from tests.alarms.evidence import Mismatch
from tests.alarms.run import Run
from tests.alarms.summary import Summary

__all__ = ["Mismatch", "Run", "Summary"]
