"""What a run leaves for people: figures and self-contained pages made from a run folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.reports.page import write_report

__all__ = ["write_report"]


def __getattr__(name: str) -> Any:
    """Import the page, and matplotlib with it, only when a report is written."""
    if name == "write_report":
        from core.reports.page import write_report

        return write_report
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
