"""A folder of originals into a folder of copies, with a line on every file."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, fields
from pathlib import Path
from typing import Final

from tqdm import tqdm

from core.checks import RunError, require
from core.deidentify.copying import QUARANTINED, Outcome, Settings, content_digest, copy_file
from core.files import replace_text

TABLE: Final = "files.csv"
QUARANTINE: Final = "quarantine.csv"
STAMP: Final = "deidentified.json"
_TEMPORARY: Final = ".*.dcm.*"  # what a kill may leave of `core.files.replacing`
_TIME: Final = 946_684_800  # 2000-01-01 00:00 UTC


def require_ours(output: Path, key: Path) -> None:
    """Make the output folder, unless it is another's; to be called before a key is made.

    Args:
        output: New, empty, or begun by the same command.
        key: The key file, which has to be there if copies were begun.

    Raises:
        InputError: If it holds something else, or the key is missing.
        RunError: If it cannot be made.
    """
    if (output / STAMP).exists():
        require(key.exists(), "--key", "the key the copies in --output were begun with", "no file")
        return
    empty = not output.exists() or (output.is_dir() and not any(output.iterdir()))
    require(empty, "--output", "a new folder, an empty one, or one this began", "another")
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(f"--output: cannot be made: {error.strerror or error}") from error


def open_output(output: Path, stamp: dict[str, object]) -> None:
    """Begin the output folder, or go on in one that the same command has begun.

    Args:
        output: As `require_ours` left it.
        stamp: What must not differ between a beginning and its continuation.

    Raises:
        InputError: If it holds copies that were made in another way.
    """
    begun = output / STAMP
    if not begun.exists():
        replace_text(begun, json.dumps(stamp, indent=2) + "\n")
        return
    try:
        stated = json.loads(begun.read_text("utf-8"))
    except (OSError, ValueError):
        require(False, "--output", f"a whole {STAMP}, as it was begun with", "a damaged one")
    require(stated == stamp, "--output", "the key and options its copies were begun with", "others")
    for half in output.rglob(_TEMPORARY):
        half.unlink()


def copy_all(files: Mapping[Path, str], output: Path, settings: Settings) -> dict[Path, Outcome]:
    """Copy files one by one, and note in files.csv what became of each at once.

    They come in an order that only the key knows, and no table has the originals' order: where
    folders bear names, places in their order tell who is who. Copies that an earlier, cut off run
    has made are taken as they are.

    Args:
        files: As `core.deidentify.originals.files_below` returns them.
        output: Folder of the copies.
        settings: How.

    Returns:
        An outcome a file.

    Raises:
        RunError: If a copy or the table cannot be written.
    """
    done = {outcome.id: outcome for outcome in _read_table(output / TABLE) if outcome.file}
    outcomes: dict[Path, Outcome] = {}
    seen: set[str] = set()
    shuffled = sorted(files, key=lambda path: settings.key.place(str(path)))
    for path in tqdm(shuffled, desc="de-identifying", unit="file", delay=1, leave=False):
        if files[path]:
            outcome = Outcome(id="", outcome=QUARANTINED, reason=files[path])
        else:
            outcome = _outcome(path, output, settings, done, seen)
        seen.add(outcome.id)
        outcomes[path] = outcome
        if outcome.file and outcome.id not in done:
            _append(output / TABLE, outcome)
    public = sorted(outcomes.values(), key=astuple)
    write_table(output / TABLE, public)
    write_table(output / QUARANTINE, [row for row in public if row.outcome == QUARANTINED])
    _require_all(public, output)
    return outcomes


def set_one_time(output: Path) -> None:
    """Give all that was written the same time: when it was tells of the originals' order."""
    for path in output.rglob("*"):
        os.utime(path, (_TIME, _TIME))


def _outcome(
    path: Path, output: Path, settings: Settings, done: dict[str, Outcome], seen: set[str]
) -> Outcome:
    try:
        content = content_digest(path)
    except OSError:
        return Outcome(id="", outcome=QUARANTINED, reason="cannot be opened")
    name = settings.key.file(content)
    if name in seen:
        return Outcome(id=name, outcome=QUARANTINED, reason="the same as another file")
    if name in done and (output / done[name].file).is_file():
        return done[name]
    return copy_file(path, output, content, settings)


def _read_table(path: Path) -> Iterator[Outcome]:
    """Read what is noted; a line that a kill has cut off is left out."""
    if not path.exists():
        return
    names = [column.name for column in fields(Outcome)]
    for line in path.read_text("utf-8", errors="replace").splitlines(keepends=True)[1:]:
        cells = next(csv.reader([line]))
        if line.endswith("\n") and len(cells) == len(names):
            yield Outcome(**dict(zip(names, cells, strict=True)))


def write_table(path: Path, outcomes: Iterable[Outcome]) -> None:
    """Write outcomes as CSV, whole or not at all."""
    replace_text(path, "".join(_lines(outcomes, header=True)))


def _append(path: Path, outcome: Outcome) -> None:
    if not path.exists():
        write_table(path, [])
    try:
        with path.open("a", encoding="utf-8", newline="") as file:
            file.writelines(_lines([outcome]))
    except OSError as error:
        raise RunError(f"cannot write {path}: {error.strerror or error}") from error


def _lines(outcomes: Iterable[Outcome], *, header: bool = False) -> Iterator[str]:
    rows = [[column.name for column in fields(Outcome)]] if header else []
    for row in [*rows, *map(astuple, outcomes)]:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerow(row)
        yield text.getvalue()


def _require_all(outcomes: list[Outcome], output: Path) -> None:
    """Count what lies in the output against what was noted.

    Raises:
        RunError: If something is missing, or lies there that no original stands for.
    """
    stated = {outcome.file for outcome in outcomes if outcome.file}
    there = {path.relative_to(output).as_posix() for path in output.rglob("*.dcm")}
    if stated != there:
        missing, others = len(stated - there), len(there - stated)
        raise RunError(
            f"--output: {missing} copies are missing and {others} belong to no file of --input; "
            "take a new folder"
        )
