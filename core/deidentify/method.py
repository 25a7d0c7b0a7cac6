"""What a copy states of how it was de-identified (PS3.15 E.1 to E.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pydicom import Dataset

CLEAN_PIXELS: Final = "113101"
METHODS: Final = {
    "113100": "Basic Application Confidentiality Profile",
    CLEAN_PIXELS: "Clean Pixel Data Option",
    "113107": "Retain Longitudinal Temporal Information Modified Dates Option",
}


def set_method(new: Dataset, *, regions: bool, top_rows: int, searched: bool, doubt: bool) -> None:
    """State what was done, and no more.

    Burned In Annotation (0028,0301) is NO, and the Clean Pixel Data Option claimed, only where text
    was looked for in what is kept and none was found: blanking cannot reach what is burned into the
    sector. Where nobody looked it is absent, and "the image may or may not contain burned in
    annotation" (PS3.3 C.7.6.1); where a person has to look first it is YES.

    Args:
        new: The copy.
        regions: Whether all outside of ultrasound regions is black.
        top_rows: Rows at the top that are black.
        searched: Whether text was looked for in what is kept.
        doubt: Whether a person has to see the copy first.
    """
    clean = searched and not doubt
    new.PatientIdentityRemoved = "YES"
    new.LongitudinalTemporalInformationModified = "MODIFIED"
    new.DeidentificationMethod = [  # 64 characters each
        "allow-list of attributes",
        *(["pixels outside of ultrasound regions blanked"] if regions else []),
        *([f"{top_rows} rows at the top blanked"] if top_rows else []),
        _inside(searched, doubt),
    ]
    if clean or doubt:
        new.BurnedInAnnotation = "YES" if doubt else "NO"
    new.DeidentificationMethodCodeSequence = [
        _code(value) for value in METHODS if clean or value != CLEAN_PIXELS
    ]


def _inside(searched: bool, doubt: bool) -> str:
    if doubt:
        return "kept pixels may hold text, to be reviewed"
    if searched:
        return "no text found in kept pixels by OCR of chosen frames"
    return "kept pixels not searched for text"


def _code(value: str) -> Dataset:
    from pydicom import Dataset

    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator = value, "DCM"
    code.CodeMeaning = METHODS[value]
    return code
