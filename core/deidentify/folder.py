"""A folder of originals into a folder of copies, with a line on every file."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import Final

from tqdm import tqdm

from core.checks import RunError, require
from core.deidentify.copying import QUARANTINED, Outcome, Settings, content_digest, copy_file
from core.files import printable, replace_text, replacing

TABLE: Final = "files.csv"
QUARANTINE: Final = "quarantine.csv"
STAMP: Final = "deidentified.json"
_TEMPORARY: Final = ".*.dcm.*"  # what a kill may leave of `core.files.replacing`


def files_below(source: Path) -> list[Path]:
    """Return every file below a folder, hidden ones too, or a single file itself; sorted.

    Raises:
        InputError: If there is none.
    """
    require(source.exists(), "--input", "a folder of DICOM files", "nothing of that name")
    paths = [source] if source.is_file() else sorted(p for p in source.rglob("*") if p.is_file())
    require(paths, "--input", "a folder of DICOM files", "one without files")
    return paths


def require_apart(source: Path, output: Path, key: Path) -> None:
    """Refuse an output or a key that lies with the originals, and a key that lies with the output.

    Raises:
        InputError: If so.
    """
    root = (source if source.is_dir() else source.parent).resolve()
    output, key = output.resolve(), key.resolve()
    apart = not (output.is_relative_to(root) or root.is_relative_to(output))
    require(apart, "--output", "a folder that neither lies in --input nor holds it")
    for folder, option in ((root, "--input"), (output, "--output")):
        require(not key.is_relative_to(folder), "--key", f"a file outside of {option}")


def open_output(output: Path, stamp: dict[str, object]) -> None:
    """Make the output folder, or go on in one that the same command has begun.

    Args:
        output: New, empty, or cut off.
        stamp: What must not differ between a beginning and its continuation.

    Raises:
        InputError: If it holds something else, or copies that were made in another way.
    """
    begun = output / STAMP
    if not begun.exists():
        empty = not output.exists() or (output.is_dir() and not any(output.iterdir()))
        require(empty, "--output", "a new folder, an empty one, or one this began", "another")
        replace_text(begun, json.dumps(stamp, indent=2) + "\n")
        return
    same = json.loads(begun.read_text("utf-8")) == stamp
    require(same, "--output", "the key and options its copies were begun with", "others")
    for half in output.rglob(_TEMPORARY):
        half.unlink()


def copy_all(paths: list[Path], output: Path, settings: Settings) -> list[Outcome]:
    """Copy files one by one, and note in files.csv what became of each at once.

    Copies that an earlier, cut off run has made are taken as they are.

    Returns:
        An outcome a file, in order.

    Raises:
        RunError: If a copy or the table cannot be written.
    """
    done = {outcome.id: outcome for outcome in _read_table(output / TABLE) if outcome.file}
    outcomes: list[Outcome] = []
    seen: set[str] = set()
    progress = tqdm(paths, desc="de-identifying", unit="file", delay=1, leave=False)
    for number, path in enumerate(progress, 1):
        outcome = _outcome(path, output, settings, number, done, seen)
        seen.add(outcome.id)
        outcomes.append(outcome)
        if outcome.file and outcome.id not in done:
            _append(output / TABLE, outcome)
    write_table(output / TABLE, outcomes)
    rows = [outcome for outcome in outcomes if outcome.outcome == QUARANTINED]
    write_table(output / QUARANTINE, rows)
    _require_all(outcomes, output)
    return outcomes


def write_originals(path: Path, paths: Iterable[Path], outcomes: Iterable[Outcome]) -> None:
    """Write the private list of which original became which copy, readable by its owner only."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("original", "number", "id", "outcome", "reason", "file"))
    for original, outcome in zip(paths, outcomes, strict=True):
        row = asdict(outcome)
        keys = ("number", "id", "outcome", "reason", "file")
        writer.writerow((printable(original), *(row[key] for key in keys)))
    with replacing(path) as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(text.getvalue().encode("utf-8"))


def _outcome(
    path: Path,
    output: Path,
    settings: Settings,
    number: int,
    done: dict[str, Outcome],
    seen: set[str],
) -> Outcome:
    try:
        content = content_digest(path)
    except OSError:
        return Outcome(number=number, id="", outcome=QUARANTINED, reason="cannot be opened")
    name = settings.key.file(content)
    if name in seen:
        reason = "the same as another file"
        return Outcome(number=number, id=name, outcome=QUARANTINED, reason=reason)
    if name in done and (output / done[name].file).is_file():
        return Outcome(**asdict(done[name]) | {"number": number})
    return copy_file(path, output, content, settings, number)


def _read_table(path: Path) -> Iterator[Outcome]:
    """Read what is noted; a line that a kill has cut off is left out."""
    if not path.exists():
        return
    names = [column.name for column in fields(Outcome)]
    for line in path.read_text("utf-8").splitlines(keepends=True)[1:]:
        cells = next(csv.reader([line]))
        if line.endswith("\n") and len(cells) == len(names):
            yield Outcome(number=int(cells[0]), **dict(zip(names[1:], cells[1:], strict=True)))


def write_table(path: Path, outcomes: Iterable[Outcome]) -> None:
    """Write outcomes as CSV, whole or not at all."""
    replace_text(path, "".join(_lines(outcomes, header=True)))


def _append(path: Path, outcome: Outcome) -> None:
    if not path.exists():
        write_table(path, [])
    with path.open("a", encoding="utf-8", newline="") as file:
        file.writelines(_lines([outcome]))


def _lines(outcomes: Iterable[Outcome], *, header: bool = False) -> Iterator[str]:
    rows = [[column.name for column in fields(Outcome)]] if header else []
    for row in [*rows, *(list(asdict(outcome).values()) for outcome in outcomes)]:
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
