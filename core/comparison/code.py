"""What lies between the code of two runs, as far as git knows it here."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.checkout import CHECKOUT, git

_MOST_LINES = 15  # of a log or a statistic; the last line of a statistic is its sum


def code_differences(
    first: Mapping[str, Any] | None,
    second: Mapping[str, Any] | None,
    project: str,
    checkout: Path = CHECKOUT,
) -> list[str]:
    """Say in lines how the code of two runs, A and B, differs; no lines where it does not.

    Args:
        first: A's `git` of its summary: commit, dirty, changes; None where there was no checkout.
        second: B's.
        project: Whose folder is looked at, beside core.
        checkout: Where the commits may be known.
    """
    if not (first and second):
        unknown = " and ".join(n for n, state in (("A", first), ("B", second)) if not state)
        return [f"unknown for {unknown}, which did not run from a git checkout"]
    lines = _uncommitted(first, second)
    if first["commit"] != second["commit"]:
        lines += [f"commit  A {first['commit'][:12]}, B {second['commit'][:12]}"]
        lines += _between(first["commit"], second["commit"], project, checkout)
    return lines


def _uncommitted(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[str]:
    """Say who had uncommitted changes, unless both had none or the same to the same commit."""
    changes = [state.get("changes") for state in (first, second)]
    if not (first["dirty"] or second["dirty"]):
        return []
    if first["dirty"] and second["dirty"]:
        if None in changes:
            return ["uncommitted changes in both; not known whether the same"]
        same = changes[0] == changes[1]
        return [] if same else ["uncommitted changes in both, other ones"]
    return [f"uncommitted changes in {'A' if first['dirty'] else 'B'} alone"]


def _between(first: str, second: str, project: str, checkout: Path) -> list[str]:
    """Return the commits that only one of the two has, and how much differs in which files."""
    unknown = [
        name for name, commit in (("A", first), ("B", second)) if not _knows(checkout, commit)
    ]
    if unknown:
        return [f"the commit of {' and of '.join(unknown)} is not known in this checkout"]
    paths = ("--", "core", f"projects/{project}")
    lines = []
    for name, span in (("B", f"{first}..{second}"), ("A", f"{second}..{first}")):
        log = git(checkout, "log", "--oneline", span, *paths).splitlines()
        lines += [f"commits of {name} alone:", *_shortened(log)] if log else []
    stat = git(checkout, "diff", "--stat=90", first, second, *paths).splitlines()
    where = f"core and projects/{project}"
    return [*lines, "files, from A to B:", *_shortened(stat)] if stat else [f"{where} are the same"]


def _knows(checkout: Path, commit: str) -> bool:
    try:
        git(checkout, "cat-file", "-e", f"{commit}^{{commit}}")
    except (OSError, subprocess.SubprocessError):
        return False
    return True


def _shortened(lines: list[str]) -> list[str]:
    """Indent lines; of many the first ones, how many are left out, and the last one."""
    left_out = len(lines) - _MOST_LINES
    if left_out > 0:
        lines = [*lines[: _MOST_LINES - 1], f"... {left_out} more", lines[-1]]
    return [f"  {line.strip()}" for line in lines]
