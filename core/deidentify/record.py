"""The header of a copy: a new data set, of what is known to be harmless and of pseudonyms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.checks import InputError
from core.deidentify.dates import KINDS, moved_dates
from core.deidentify.kept import CLASSES, IMAGE, REGION, kept
from core.deidentify.machines import Machine, Machines

if TYPE_CHECKING:
    from pydicom import Dataset

    from core.deidentify.key import Key

UIDS: Final = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
STATED_EMPTY: Final = (  # the standard wants them there, with or without a value
    *("AccessionNumber", "ReferringPhysicianName", "PatientBirthDate", "PatientSex", "StudyID"),
    *("StudyDate", "StudyTime", "SeriesNumber", "InstanceNumber"),
)
READ: Final = (
    *("SOPClassUID", *UIDS, "PatientID", "PatientName", "PatientBirthDate", "BurnedInAnnotation"),
    *("Manufacturer", "ManufacturerModelName", *IMAGE),
    *(f"{kind}{part}" for kind in KINDS for part in ("Date", "Time")),
)
"""All that is read of an original's header, besides what describes its pixels."""


class Refused(InputError):  # noqa: N818 - it is a verdict
    """Why there is no copy of a file: a fixed text that holds nothing of the file."""


def record_of(header: Dataset, key: Key, machines: Machines, content: str) -> Dataset:
    """Build the header of a copy; its pixels and their description are still to come.

    Args:
        header: Of the original; `READ` of it.
        key: Makes the pseudonyms.
        machines: Whose names may be stated.
        content: Digest of the original's content, for a file that states no UID.

    Returns:
        A data set that holds nothing but `IMAGE`, `REGION`, pseudonyms, moved dates and the
        machine.

    Raises:
        Refused: If it is no ultrasound image, names no patient, or its machine is not known.
    """
    from pydicom import Dataset

    sop_class = str(header.get("SOPClassUID") or "")
    _insist(sop_class in CLASSES, "not an ultrasound image")
    machine = machines.find(header.get("Manufacturer"), header.get("ManufacturerModelName"))
    if machine is None:
        raise Refused("unknown machine; --machine MAKER|MODEL allows it")
    identity = _identity(header)
    new = Dataset()
    new.SOPClassUID, new.Modality = sop_class, "US"
    new.ImageType = ["DERIVED", "PRIMARY"]
    for keyword in STATED_EMPTY:
        setattr(new, keyword, None)
    _set_machine(new, machine)
    _set_identities(new, header, key, identity, content)
    for keyword, value in (kept(header, IMAGE) | moved_dates(header, key.days(identity))).items():
        setattr(new, keyword, value)
    _set_regions(new, header)
    return new


def _insist(condition: bool, reason: str) -> None:
    if not condition:
        raise Refused(reason)


def _identity(header: Dataset) -> str:
    """Return what stands for the patient: the ID, else name and birth date, else the study."""
    name_and_birth = [
        str(header.get(keyword) or "").strip() for keyword in ("PatientName", "PatientBirthDate")
    ]
    stated = (
        str(header.get("PatientID") or "").strip(),
        "\n".join(name_and_birth) if name_and_birth[0] else "",
        *(str(header.get(keyword) or "").strip() for keyword in UIDS[:2]),
    )
    identity = next((text for text in stated if text), "")
    _insist(identity != "", "names neither a patient nor a study")
    return identity


def _set_machine(new: Dataset, machine: Machine) -> None:
    new.Manufacturer = machine.maker
    if machine.model:
        new.ManufacturerModelName = machine.model


def _set_identities(new: Dataset, header: Dataset, key: Key, identity: str, content: str) -> None:
    new.PatientID = new.PatientName = key.patient(identity)
    for keyword in UIDS:
        stand_in = content if keyword == "SOPInstanceUID" else f"{keyword} of {identity}"
        setattr(new, keyword, key.uid(str(header.get(keyword) or "").strip() or stand_in))


def _set_regions(new: Dataset, header: Dataset) -> None:
    from pydicom import Dataset

    items = []
    for region in header.get("SequenceOfUltrasoundRegions") or ():
        item = Dataset()
        for keyword, value in kept(region, REGION).items():
            setattr(item, keyword, value)
        items.append(item)
    if items:
        new.SequenceOfUltrasoundRegions = items
