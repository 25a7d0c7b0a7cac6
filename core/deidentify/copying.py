"""One file: its de-identified copy, or why there is none."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.checks import InputError
from core.cines import Cine
from core.cines.dicom import DicomCine
from core.deidentify.key import Key
from core.deidentify.machines import Machines
from core.deidentify.method import set_method
from core.deidentify.pixels import Inside, blanked, inside_of, pictures_of
from core.deidentify.record import READ, Refused, record_of
from core.deidentify.text import Watch
from core.dicom.deflated import opened
from core.dicom.encode import SYNTAXES, set_pixels
from core.dicom.header import header_of, is_dicom, reading
from core.dicom.pixels import Pixels
from core.dicom.regions import regions_of
from core.files import replacing

if TYPE_CHECKING:
    from pydicom import Dataset

WRITTEN: Final = "written"
REVIEW: Final = "review"
QUARANTINED: Final = "quarantined"

_LOSSY: Final = "1.2.840.10008.1.2.4."  # JPEG and video; lossless ones among them state no ratio
_LOSSLESS: Final = tuple(f"{_LOSSY}{number}" for number in (57, 70, 80, 90, 110, 201, 202))


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How copies are made.

    Attributes:
        key: Makes the pseudonyms.
        machines: Machines whose names may be stated.
        syntax: Short name of the copies' transfer syntax, a lossless one of `SYNTAXES`.
        top_rows: Rows at the top of every image that are blanked beside.
        holds_text: Tells whether a grey picture holds text; None looks for none.
    """

    key: Key
    machines: Machines
    syntax: str = "jpeg_ls"
    top_rows: int = 0
    holds_text: Callable[[Pixels], bool] | None = None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a file; nothing of a person.

    Attributes:
        id: Pseudonym of its content.
        outcome: WRITTEN, REVIEW or QUARANTINED.
        reason: Why it was not simply written.
        file: Path of the copy inside of the output folder; "" if there is none.
    """

    id: str
    outcome: str
    reason: str = ""
    file: str = ""


def content_digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def copy_file(path: Path, output: Path, content: str, settings: Settings) -> Outcome:
    """Write the de-identified copy of a file, whole or not at all.

    Args:
        path: The original, which is only read.
        output: Folder of the copies; those that a person has to see first go to review/ in it.
        content: The original's digest.
        settings: How.

    Raises:
        RunError: If the copy cannot be written.
    """
    name = settings.key.file(content)
    try:
        with reading(path):
            record, doubt = _copy(path, content, settings)
            whole = io.BytesIO()  # what cannot be encoded shows before anything is written
            record.save_as(whole, enforce_file_format=True)
    except Refused as reason:
        return Outcome(id=name, outcome=QUARANTINED, reason=str(reason))
    except InputError:  # its text may quote the file
        reason_told = "damaged, or in an encoding that is not read"
        return Outcome(id=name, outcome=QUARANTINED, reason=reason_told)
    place = Path(REVIEW if doubt else "", str(record.PatientID), f"{name}.dcm")
    with replacing(output / place) as file:
        file.write(whole.getbuffer())
    outcome = REVIEW if doubt else WRITTEN
    return Outcome(id=name, outcome=outcome, reason=doubt, file=place.as_posix())


def _copy(path: Path, content: str, settings: Settings) -> tuple[Dataset, str]:
    """Return the copy, and why a person has to see it first."""
    if not is_dicom(path):
        raise Refused("not a DICOM file")
    with opened(path) as file:
        header = header_of(file, READ)
    record = record_of(header, settings.key, settings.machines, content)
    if str(header.PhotometricInterpretation).startswith("MONO") and int(header.BitsStored) > 8:
        raise Refused("grey of more than 8 bits")
    with DicomCine(path) as cine:
        inside = inside_of(cine.size, cine.regions, top_rows=settings.top_rows)
        doubt = _put_pixels(record, cine, inside, settings)
    if regions_of(record) != cine.regions:
        raise Refused("its regions are of no plausible size")
    if _was_lossy(header):
        record.LossyImageCompression = "01"
    if "multi-frame" in record.SOPClassUID.name.lower():
        record.NumberOfFrames = len(cine)
    doubt = doubt or _stated_doubt(header, cine, settings)
    set_method(
        record,
        regions=bool(pictures_of(cine.regions)),
        top_rows=settings.top_rows,
        searched=settings.holds_text is not None,
        doubt=bool(doubt),
    )
    return record, doubt


def _put_pixels(record: Dataset, cine: Cine, inside: Inside, settings: Settings) -> str:
    """Encode the frames one by one; return what is doubtful about them."""
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import UID

    record.file_meta = FileMetaDataset()
    record.file_meta.TransferSyntaxUID = UID(SYNTAXES[settings.syntax])
    watch = Watch(inside)
    frames = blanked(cine, inside)
    seen = watch.passing(frames) if settings.holds_text else frames
    set_pixels(record, seen, SYNTAXES[settings.syntax])
    return _text_in(cine, inside, watch, settings.holds_text) if settings.holds_text else ""


def _text_in(cine: Cine, inside: Inside, watch: Watch, holds_text: Callable[[Pixels], bool]) -> str:
    if watch.lowest is not None and holds_text(watch.lowest):
        return "text in all frames"
    for number in watch.remarkable():
        if holds_text(watch.seen(next(blanked([cine[number]], inside)))):
            return f"text in frame {number}"
    return ""


def _stated_doubt(header: Dataset, cine: Cine, settings: Settings) -> str:
    """Return what else a person has to see."""
    if not pictures_of(cine.regions):
        return "states no ultrasound region: only its top rows were blanked"
    if str(header.get("BurnedInAnnotation") or "").strip() == "YES" and not settings.holds_text:
        return "states that text is burned in, and --ocr was not asked for"
    return ""


def _was_lossy(header: Dataset) -> bool:
    encoding = str(header.file_meta.TransferSyntaxUID)
    return encoding.startswith(_LOSSY) and encoding not in _LOSSLESS
