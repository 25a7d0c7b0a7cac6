"""`python -m core.deidentify --input FOLDER --output FOLDER`: copies without identities."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from core.checks import RunError, require
from core.commands import FAILED, Parser, run_command
from core.deidentify.audit import Overlay, overlay_copies
from core.deidentify.copying import QUARANTINED, REVIEW, WRITTEN, Outcome, Settings
from core.deidentify.folder import copy_all, open_output, require_ours, set_one_time
from core.deidentify.kept import IMAGE, REGION
from core.deidentify.key import key_of
from core.deidentify.machines import Machines
from core.deidentify.originals import files_below, list_beside, require_apart, write_originals
from core.deidentify.text import text_finder
from core.dicom.encode import SYNTAXES
from core.files import printable
from core.reports.deidentified import OverlaidKind, write_deidentified_page

_NOTE_OCR = "Text inside of the ultrasound sector was looked for in frames chosen from each file."
_NOTE_NO_OCR = (
    "Text inside of the ultrasound sector was not looked for: --ocr was not given. The copies "
    "therefore claim no clean pixel data, and leave open whether text is burned in."
)
_NOTE_REVIEW = (
    "The files in review/ state that text is burned in until a person has looked at all of their "
    "frames; only those without any may be passed on. Their pictures are on a page in there."
)
_NOTE_REVIEW_PAGE = (
    "The pictures are of the files for review and may show text: this page stays in the house."
)


def main(args: Sequence[str] | None = None) -> int:
    """De-identify, audit, report.

    Args:
        args: Command-line arguments; None takes those of the process.

    Returns:
        0 when done, 2 when the input or an option is wrong, 1 when something cannot be written, no
        file has a copy, or the copies do not stand the audit.
    """
    return run_command(lambda: _run(_parser().parse_args(args)))


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="python -m core.deidentify", description=__doc__)
    add = parser.add_argument
    add("--input", type=Path, required=True, help="folder of DICOM files, or one; only read")
    add("--output", type=Path, required=True, help="folder for the copies")
    add("--key", type=Path, help="file of the pseudonyms' key, made if need be; OUTPUT.key beside "
        "the output. Keep it: the same key gives the same pseudonyms")  # fmt: skip
    add("--machine", action="append", default=[], metavar="MAKER|MODEL",
        help="a machine the table does not know; more than once")  # fmt: skip
    add("--top_rows", "--top-rows", type=int, default=0, metavar="N",
        help="blank so many rows at the top too; files without regions go to review/")  # fmt: skip
    add("--ocr", action="store_true", help="look for text inside of the sector (extra `ocr`)")
    lossless = [name for name in SYNTAXES if name != "jpeg"]
    add("--syntax", choices=lossless, default="jpeg_ls", help="of the copies; jpeg_ls")
    return parser


def _run(given: argparse.Namespace) -> int:
    """Do what was asked for, and print a line that says what came out."""
    output, place = given.output, given.output.resolve()
    key_path = given.key or place.parent / f"{place.name}.key"
    require(given.top_rows >= 0, "--top_rows", "0 or more", given.top_rows)
    files = files_below(given.input)
    require_apart(given.input, output, key_path)
    require_ours(output, key_path)
    settings = _settings(given, key_path)
    stamp = {"made_by": "core.deidentify", "key": settings.key.fingerprint}
    options = {"top_rows": given.top_rows, "ocr": given.ocr, "syntax": given.syntax}
    open_output(output, stamp | options)
    private = list_beside(key_path, output)
    by_path = copy_all(files, output, settings)
    write_originals(private, by_path)
    outcomes = list(by_path.values())
    _audit(output, outcomes, given)
    set_one_time(output)
    counts = _counts(outcomes)
    said = ", ".join(f"{count} {name}" for name, count in list(counts.items())[1:])
    sys.stdout.write(
        f"{len(files)} files: {said}; page: {printable(output / 'deidentified.html')}; "
        f"private: {printable(private.name)} beside the key {printable(key_path)}\n"
    )
    return 0 if any(outcome.file for outcome in outcomes) else FAILED


def _settings(given: argparse.Namespace, key_path: Path) -> Settings:
    return Settings(
        machines=Machines(given.machine),
        holds_text=text_finder() if given.ocr else None,
        key=key_of(key_path),
        syntax=given.syntax,
        top_rows=given.top_rows,
    )


def _counts(outcomes: Sequence[Outcome]) -> dict[str, int]:
    became = Counter(outcome.outcome for outcome in outcomes)
    kinds = {"written": WRITTEN, "for review": REVIEW, "quarantined": QUARANTINED}
    return {"in": len(outcomes), **{name: became[kind] for name, kind in kinds.items()}}


def _audit(output: Path, outcomes: Sequence[Outcome], given: argparse.Namespace) -> None:
    """Read all copies again; those for review have a page of their own, apart from the others.

    Raises:
        RunError: If a copy does not stand it.
    """
    bad = 0
    for became, folder in ((WRITTEN, output), (REVIEW, output / REVIEW)):
        files = [outcome.file for outcome in outcomes if outcome.outcome == became]
        if files or became == WRITTEN:
            overlays = _overlaid(files, output, given.top_rows)
            notes = [_NOTE_REVIEW_PAGE] if became == REVIEW else []
            _write_page(folder, overlays, outcomes, given, notes)
            bad += sum(overlay.outside > 0 for overlay in overlays)
    if bad:
        raise RunError(f"{bad} kinds of copies are not black outside; see the page")


def _overlaid(files: Sequence[str], output: Path, top_rows: int) -> list[Overlay]:
    """Read copies again; check that none is missing in the overlays."""
    progress = tqdm(files, desc="reading again", unit="file", delay=1, leave=False)
    overlays = overlay_copies((output / file for file in progress), top_rows=top_rows)
    laid = sum(overlay.files for overlay in overlays)
    if laid != len(files):
        raise RunError(f"the audit saw {laid} of {len(files)} copies")
    return overlays


def _write_page(
    folder: Path,
    overlays: Sequence[Overlay],
    outcomes: Sequence[Outcome],
    given: argparse.Namespace,
    notes: list[str],
) -> None:
    reasons = Counter(
        f"{outcome.outcome}: {outcome.reason}" for outcome in outcomes if outcome.reason
    )
    notes = [*notes, _NOTE_OCR if given.ocr else _NOTE_NO_OCR]
    counts = _counts(outcomes)
    if counts["for review"]:
        notes.append(_NOTE_REVIEW)
    if given.top_rows:
        notes.append(f"The {given.top_rows} rows at the top of every image were blanked too.")
    write_deidentified_page(
        folder,
        [_shown(overlay) for overlay in overlays],
        counts=counts,
        reasons=dict(sorted(reasons.items())),
        notes=notes,
        kept=sorted({*IMAGE, *REGION, "Manufacturer", "ManufacturerModelName"}),
    )


def _shown(overlay: Overlay) -> OverlaidKind:
    kind = overlay.kind
    rows, columns = kind.size
    return OverlaidKind(
        title=f"{kind.maker} {kind.model}, {rows} x {columns}",
        files=overlay.files,
        frames=overlay.frames,
        outside=overlay.outside,
        maximum=overlay.maximum,
        persistence=overlay.persistence,
        inside=overlay.inside,
    )


if __name__ == "__main__":
    sys.exit(main())
