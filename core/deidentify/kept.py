"""What of a file's header goes over to its copy: named attributes whose values are checked too.

Everything else stays behind, because the copy is built from nothing: text of every kind, private
attributes, overlays, curves, icons, whatever a later edition of the standard invents. Patient's
sex and age stay behind as well: with a date and a clinic they narrow a person down, and nothing
here needs them.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pydicom import Dataset

_LARGEST, _SMALLEST = 1e6, 1e-9  # physical numbers; longer ones could be somebody's

Rule = Callable[[str, Any], Any]
"""Keyword and values of an attribute in, what the copy states out; None leaves the attribute out.
"""


def _numbers(keyword: str, values: list[Any]) -> list[Any] | None:
    """Pass finite numbers of a plausible size on; decimal strings are written anew."""
    from pydicom.datadict import dictionary_VR
    from pydicom.valuerep import DSfloat

    numbers = [float(value) for value in values]
    if not all(_plausible(number) for number in numbers):
        return None
    kind = dictionary_VR(keyword)
    if kind == "DS":
        return [DSfloat(number, auto_format=True) for number in numbers]
    whole = kind not in ("FD", "FL")
    if whole and not all(number.is_integer() for number in numbers):
        return None
    return [int(number) if whole else number for number in numbers]


def _plausible(number: float) -> bool:
    return math.isfinite(number) and (number == 0 or _SMALLEST <= abs(number) <= _LARGEST)


def _words(*known: str) -> Rule:
    """Return a rule that passes words of a closed list on."""

    def rule(keyword: str, values: list[Any]) -> list[str] | None:
        words = [str(value) for value in values]
        return words if all(word in known for word in words) else None

    return rule


def _frame_times(keyword: str, values: list[Any]) -> list[Any] | None:
    """Pass a pointer on if it is to the frame time or the list of frame times."""
    from pydicom.datadict import tag_for_keyword

    known = [tag_for_keyword(name) for name in ("FrameTime", "FrameTimeVector")]
    return values if all(int(value) in known for value in values) else None


IMAGE: Final[Mapping[str, Rule]] = {
    **dict.fromkeys(
        (
            *("SeriesNumber", "InstanceNumber", "StageNumber", "NumberOfStages", "ViewNumber"),
            *("NumberOfViewsInStage", "CineRate", "FrameTime", "FrameTimeVector", "FrameDelay"),
            *("RecommendedDisplayFrameRate", "EffectiveDuration", "ActualFrameDuration"),
            *("StartTrim", "StopTrim", "PreferredPlaybackSequencing", "UltrasoundColorDataPresent"),
            *("PixelSpacing", "PixelAspectRatio", "TransducerFrequency", "MechanicalIndex"),
            *("BoneThermalIndex", "CranialThermalIndex", "SoftTissueThermalIndex"),
            *("DepthOfScanField", "LossyImageCompressionRatio"),
        ),
        _numbers,
    ),
    "FrameIncrementPointer": _frame_times,
    "LossyImageCompression": _words("00", "01"),
    "LossyImageCompressionMethod": _words("ISO_10918_1", "ISO_14495_1", "ISO_15444_1"),
    "TransducerType": _words(
        *("SECTOR_PHASED", "SECTOR_MECH", "SECTOR_ANNULAR", "LINEAR", "CURVED LINEAR"),
        *("SINGLE CRYSTAL", "SPLIT XTAL CWD", "IV_PHASED", "IV_ROT XTAL", "IV_ROT MIRROR"),
        *("ENDOCAV_PA", "ENDOCAV_MECH", "ENDOCAV_CLA", "ENDOCAV_AA", "ENDOCAV_LINEAR"),
        "VECTOR_PHASED",
    ),
}
"""Attributes of the image itself. The pixels' description is written by `core.dicom.encode`."""

REGION: Final[Mapping[str, Rule]] = dict.fromkeys(
    (
        *("RegionSpatialFormat", "RegionDataType", "RegionFlags"),
        *("RegionLocationMinX0", "RegionLocationMinY0"),
        *("RegionLocationMaxX1", "RegionLocationMaxY1"),
        *("ReferencePixelX0", "ReferencePixelY0"),
        *("ReferencePixelPhysicalValueX", "ReferencePixelPhysicalValueY"),
        *("PhysicalUnitsXDirection", "PhysicalUnitsYDirection", "PhysicalDeltaX", "PhysicalDeltaY"),
        *("TransducerFrequency", "PulseRepetitionFrequency", "DopplerCorrectionAngle"),
        *("SteeringAngle", "DopplerSampleVolumeXPosition", "DopplerSampleVolumeYPosition"),
        *("TMLinePositionX0", "TMLinePositionY0", "TMLinePositionX1", "TMLinePositionY1"),
    ),
    _numbers,
)
"""Attributes of an item of the Sequence of Ultrasound Regions."""

CLASSES: Final = (
    "1.2.840.10008.5.1.4.1.1.6.1",
    "1.2.840.10008.5.1.4.1.1.3.1",
    "1.2.840.10008.5.1.4.1.1.6",
    "1.2.840.10008.5.1.4.1.1.3",
)
"""SOP classes: ultrasound image and multi-frame image, and the retired ones of either."""


def kept(header: Dataset, rules: Mapping[str, Rule]) -> dict[str, Any]:
    """Return the attributes of a header that may go over, by keyword.

    Args:
        header: A data set, or an item of a sequence.
        rules: `IMAGE` or `REGION`.
    """
    found = {keyword: _passed(header, keyword, rule) for keyword, rule in rules.items()}
    return {keyword: value for keyword, value in found.items() if value is not None}


def _as_many(keyword: str, count: int) -> bool:
    """Return whether an attribute has so many values (PS3.6).

    A wrong length makes a list of numbers of whatever comes behind a number: bytes of a name too.
    """
    from pydicom.datadict import dictionary_VM

    least, _, most = dictionary_VM(keyword).partition("-")
    return int(least) <= count and ("n" in most or count <= int(most or least))


def _passed(header: Dataset, keyword: str, rule: Rule) -> Any:
    """Return the checked value of one attribute; None for what cannot even be read."""
    from pydicom.multival import MultiValue

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they quote values
            value = header.get(keyword)
            values = list(value) if isinstance(value, (list, MultiValue)) else [value]
            told = value not in (None, "") and _as_many(keyword, len(values))
            passed = rule(keyword, values) if told else None
    except (ValueError, TypeError, OverflowError, AttributeError, NotImplementedError, KeyError):
        return None
    return passed[0] if passed is not None and len(passed) == 1 else passed
