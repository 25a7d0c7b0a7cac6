"""Dates moved back by days that only the key knows; times counted from the study's start."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pydicom import Dataset

KINDS: Final = ("Study", "Series", "Acquisition", "Content")
"""Each has a date and a time, such as StudyDate and StudyTime; no other date goes over."""

_TIME = re.compile(r"(\d\d)(\d\d)(?:(\d\d)(?:\.(\d{1,6}))?)?")


def moved_dates(header: Dataset, days: int) -> dict[str, str]:
    """Return dates and times of a copy, by keyword.

    Every study starts at 00:00 of its day, moved back by `days`: intervals between a patient's
    studies stay in days, and those inside of a study to the microsecond, while the hour is gone.
    What is no date is left out, and so are times of a study that states no start.

    Args:
        header: Of the original.
        days: How far back.
    """
    moments = {kind: _moment(header, kind) for kind in KINDS}
    start, back = moments["Study"][1], timedelta(days=days)
    moved: dict[str, str] = {}
    for kind, (day, moment) in moments.items():
        if day is None:
            continue
        if start and moment:
            shifted = datetime.combine(start.date(), time()) - back + (moment - start)
            moved[f"{kind}Date"] = shifted.strftime("%Y%m%d")
            moved[f"{kind}Time"] = shifted.strftime("%H%M%S.%f")
        else:
            moved[f"{kind}Date"] = (day - back).strftime("%Y%m%d")
    return moved


def _moment(header: Dataset, kind: str) -> tuple[date | None, datetime | None]:
    """Return a day and, where the time is known as well, the moment."""
    day, clock = _day(header.get(f"{kind}Date")), _clock(header.get(f"{kind}Time"))
    return day, datetime.combine(day, clock) if day and clock else None


def _day(value: object) -> date | None:
    text = str(value or "").strip()
    if not re.fullmatch(r"(19|20)\d{6}", text, re.ASCII):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def _clock(value: object) -> time | None:
    match = _TIME.fullmatch(str(value or "").strip())
    if not match:
        return None
    hours, minutes, seconds, fraction = match.groups()
    try:
        return time(
            int(hours), int(minutes), int(seconds or 0), int((fraction or "").ljust(6, "0"))
        )
    except ValueError:
        return None
