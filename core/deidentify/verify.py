"""What may stand in a copy, asked of the written file: independent of what wrote it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.deidentify.dates import KINDS
from core.deidentify.kept import IMAGE, REGION
from core.deidentify.record import STATED_EMPTY, UIDS

if TYPE_CHECKING:
    from pydicom import Dataset

_META: Final = frozenset(
    {
        *("FileMetaInformationGroupLength", "FileMetaInformationVersion", "TransferSyntaxUID"),
        *("MediaStorageSOPClassUID", "MediaStorageSOPInstanceUID"),
        *("ImplementationClassUID", "ImplementationVersionName"),
    }
)
_PIXELS: Final = frozenset(
    {
        *("SamplesPerPixel", "PhotometricInterpretation", "PlanarConfiguration", "NumberOfFrames"),
        *("Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation"),
        "PixelData",
    }
)
_MADE: Final = frozenset(
    {
        *("SOPClassUID", "Modality", "ImageType", "Manufacturer", "ManufacturerModelName"),
        *("PatientID", "PatientName", "PatientIdentityRemoved", "DeidentificationMethod"),
        *("LongitudinalTemporalInformationModified", "BurnedInAnnotation"),
        *("DeidentificationMethodCodeSequence", "SequenceOfUltrasoundRegions"),
        *UIDS,
        *(f"{kind}{part}" for kind in KINDS for part in ("Date", "Time")),
    }
)
_INSIDE: Final = {
    "SequenceOfUltrasoundRegions": frozenset(REGION),
    "DeidentificationMethodCodeSequence": frozenset(
        ("CodeValue", "CodingSchemeDesignator", "CodeMeaning")
    ),
}
ALLOWED: Final = frozenset({*IMAGE, *STATED_EMPTY, *_PIXELS, *_MADE})
"""Keywords that a copy's data set may hold, with those of its two sequences in `_INSIDE`."""

_EMPTY: Final = (
    *("AccessionNumber", "ReferringPhysicianName", "PatientBirthDate", "PatientSex", "StudyID"),
    *("SeriesNumber", "InstanceNumber"),
)
_MOST: Final = 4  # values where PS3.6 sets no limit, as the De-identification Method has


def strangers(path: Path) -> list[str]:
    """Return what a written copy holds that it must not: tags, in words; nothing if it is right.

    Args:
        path: A copy.
    """
    from pydicom import dcmread

    copy = dcmread(path)
    found = [f"meta {name}" for name in _foreign(copy.file_meta, _META)]
    found += _foreign(copy, ALLOWED)
    for keyword, allowed in _INSIDE.items():
        for item in copy.get(keyword) or ():
            found += [f"{keyword} {name}" for name in _foreign(item, allowed)]
    found += [keyword for keyword in _EMPTY if copy.get(keyword)]
    if any(copy.preamble or b""):
        found.append("preamble")
    if any(not str(copy.get(keyword)).startswith("2.25.") for keyword in UIDS):
        found.append("a UID that is no pseudonym")
    return found


def _foreign(dataset: Dataset, allowed: frozenset[str]) -> Iterator[str]:
    frames = int(dataset.get("NumberOfFrames") or 1)
    return (
        str(element.tag)
        for element in dataset
        if element.keyword not in allowed or _most(element.keyword, frames) < element.VM
    )


def _most(keyword: str, frames: int) -> int:
    """Return how many values an allowed element may have: what PS3.6 states, and never a text."""
    from pydicom.datadict import dictionary_VM

    if keyword == "FrameTimeVector":
        return frames
    stated = dictionary_VM(keyword).split("-")[-1]
    return _MOST if stated.endswith("n") else int(stated)
