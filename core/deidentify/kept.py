"""What of a file's header goes over to its copy: named attributes whose values are checked too.

Everything else stays behind, because the copy is built from nothing: text of every kind, private
attributes, overlays, curves, icons, whatever a later edition of the standard invents. Series and
instances lose their numbers, which may be a date or a patient's number. Patient's sex and age stay
behind as well: with a date and a clinic they narrow a person down, and nothing here needs them.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pydicom import Dataset

_SMALLEST: Final = 1e-9  # what is nearer to 0 than any physical number holds something else

Rule = Callable[[str, Any], Any]
"""Keyword and values of an attribute in, what the copy states out; None leaves the attribute out.
"""


@dataclass(frozen=True)
class Range:
    """Passes finite numbers of a plausible size on, rounded: digits beyond could be somebody's.

    Attributes:
        low: Least number.
        high: Greatest number.
        digits: Significant digits that are kept; whole numbers keep all.
    """

    low: float
    high: float
    digits: int = 6

    def __call__(self, keyword: str, values: list[Any]) -> list[Any] | None:
        """Return the numbers as the dictionary's kind has them; decimal strings anew."""
        from pydicom.datadict import dictionary_VR
        from pydicom.valuerep import DSfloat

        numbers = [float(value) for value in values]
        kind = dictionary_VR(keyword)
        whole = kind not in ("DS", "FD", "FL")
        if not all(self._plausible(number, whole) for number in numbers):
            return None
        if whole:
            return [int(number) for number in numbers]
        rounded = [float(f"{number:.{self.digits}g}") for number in numbers]
        return [DSfloat(n, auto_format=True) for n in rounded] if kind == "DS" else rounded

    def _plausible(self, number: float, whole: bool) -> bool:
        fits = self.low <= number <= self.high and (number == 0 or abs(number) >= _SMALLEST)
        return fits and (not whole or number.is_integer())


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


_FRAME, _RATE, _STAGE, _INDEX = Range(1, 1e5), Range(0, 2000), Range(1, 99), Range(0, 20, 3)
_MILLISECONDS, _KILOHERTZ = Range(0, 1000), Range(0, 50_000)

IMAGE: Final[Mapping[str, Rule]] = {
    **dict.fromkeys(("StageNumber", "NumberOfStages", "ViewNumber"), _STAGE),
    "NumberOfViewsInStage": _STAGE,
    **dict.fromkeys(("CineRate", "RecommendedDisplayFrameRate"), _RATE),
    **dict.fromkeys(("FrameTime", "FrameTimeVector", "ActualFrameDuration"), _MILLISECONDS),
    "FrameDelay": Range(0, 10_000, 4),
    "EffectiveDuration": Range(0, 600, 4),  # seconds
    **dict.fromkeys(("StartTrim", "StopTrim"), _FRAME),
    **dict.fromkeys(("PreferredPlaybackSequencing", "UltrasoundColorDataPresent"), Range(0, 1)),
    "PixelSpacing": Range(1e-4, 10),  # mm
    "PixelAspectRatio": Range(1, 1000),
    "TransducerFrequency": _KILOHERTZ,
    "MechanicalIndex": _INDEX,
    **dict.fromkeys((f"{part}ThermalIndex" for part in ("Bone", "Cranial", "SoftTissue")), _INDEX),
    "DepthOfScanField": Range(0, 500),  # mm
    "LossyImageCompressionRatio": Range(0, 1000, 3),
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

_CORNER, _PIXEL, _ANGLE = Range(0, 65_535), Range(-65_535, 65_535), Range(-180, 180, 4)
_AXES: Final = ("X", "Y")

REGION: Final[Mapping[str, Rule]] = {
    **dict.fromkeys(("RegionSpatialFormat", "RegionDataType", "RegionFlags"), Range(0, 31)),
    **dict.fromkeys((f"RegionLocation{c}" for c in ("MinX0", "MinY0", "MaxX1", "MaxY1")), _CORNER),
    **dict.fromkeys((f"ReferencePixel{axis}0" for axis in _AXES), _PIXEL),
    **dict.fromkeys((f"ReferencePixelPhysicalValue{axis}" for axis in _AXES), Range(-1e4, 1e4)),
    **dict.fromkeys((f"PhysicalUnits{axis}Direction" for axis in _AXES), Range(0, 12)),
    **dict.fromkeys((f"PhysicalDelta{axis}" for axis in _AXES), Range(-100, 100, 9)),
    "TransducerFrequency": _KILOHERTZ,
    "PulseRepetitionFrequency": Range(0, 50_000),  # Hz
    **dict.fromkeys(("DopplerCorrectionAngle", "SteeringAngle"), _ANGLE),
    **dict.fromkeys((f"DopplerSampleVolume{axis}Position" for axis in _AXES), _PIXEL),
    **dict.fromkeys((f"TMLinePosition{end}" for end in ("X0", "Y0", "X1", "Y1")), _PIXEL),
}
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
    told = {keyword: value for keyword, value in found.items() if value is not None}
    if not {"FrameTime", "FrameTimeVector"} & told.keys():
        told.pop("FrameIncrementPointer", None)  # it would point at nothing
    return told


def _as_many(header: Dataset, keyword: str, count: int) -> bool:
    """Return whether an attribute has as many values as it is to have.

    A long list of numbers is a text. Damage makes one, too: by a wrong length, whatever comes
    behind a number is read as numbers.
    """
    if keyword == "FrameTimeVector":
        return count == int(header.get("NumberOfFrames") or 1)
    return count == (2 if keyword in ("PixelSpacing", "PixelAspectRatio") else 1)


def _passed(header: Dataset, keyword: str, rule: Rule) -> Any:
    """Return the checked value of one attribute; None for what cannot even be read."""
    from pydicom.multival import MultiValue

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they quote values
            value = header.get(keyword)
            values = list(value) if isinstance(value, (list, MultiValue)) else [value]
            told = value not in (None, "") and _as_many(header, keyword, len(values))
            passed = rule(keyword, values) if told else None
    except (ValueError, TypeError, OverflowError, AttributeError, NotImplementedError, KeyError):
        return None
    return passed[0] if passed is not None and len(passed) == 1 else passed
