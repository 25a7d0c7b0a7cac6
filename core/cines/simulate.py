"""`python -m core.cines.simulate --output FOLDER`: phantom cines as a hospital would export them.

DICOM Ultrasound Multi-frame files (PS3.3 A.7) that carry made-up identities in their headers, in
private elements and in their pixels, and the table of their views, labels.csv.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tqdm import tqdm

from core.commands import Parser, run_command
from core.dicom.encode import SYNTAXES, set_pixels
from core.files import printable, replace_text, replacing, require_new_folder
from core.phantoms.heart import VIEWS, HeartCine, HeartScene
from core.phantoms.heart.people import Person

if TYPE_CHECKING:
    from pydicom import Dataset

TABLE: Final = "labels.csv"
COLUMNS: Final = "cine", "subject", "device", "first_frame", "last_frame", "view", "labeller"
_MULTIFRAME = "1.2.840.10008.5.1.4.1.1.3.1"
_LABELLER = "phantom"
_TISSUE, _CENTIMETRES = 1, 3  # region data type, physical units (PS3.3 C.8.5.5)


def main(args: Sequence[str] | None = None) -> int:
    """Write the cines and their table.

    Args:
        args: Command-line arguments; None takes those of the process.

    Returns:
        0 when done, 2 when an option is wrong, 1 when something cannot be written.
    """
    return run_command(lambda: _run(_parser().parse_args(args)))


def _run(given: argparse.Namespace) -> int:
    require_new_folder(given.output, "--output")
    scene = HeartScene(
        patients=given.patients, frames=given.frames, scale=given.scale, seed=given.seed
    )
    count = write_cines(scene, given.output, SYNTAXES[given.syntax])
    sys.stdout.write(f"{count} cines and {TABLE} in {printable(given.output)}\n")
    return 0


def write_cines(scene: HeartScene, output: Path, syntax: str) -> int:
    """Write each cine of a scene as a DICOM file, and then their table.

    Args:
        scene: The cines.
        output: A folder; a folder a patient is made in it, with files IM_0000.dcm and so on.
        syntax: Transfer syntax UID, see `core.dicom.encode.SYNTAXES`.

    Returns:
        The number of cines.

    Raises:
        RunError: If something cannot be written.
    """
    count = int(scene.sequence[-1]) + 1
    numbers = tqdm(range(count), desc="writing", unit="cine", delay=1, leave=False)
    rows = [_written(scene, number, output, syntax) for number in numbers]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([COLUMNS, *rows])
    replace_text(output / TABLE, text.getvalue())
    return count


def _written(scene: HeartScene, number: int, output: Path, syntax: str) -> Iterable[object]:
    """Write one cine and return its row of the table."""
    cine, patient = scene.cine(number), int(scene.patient[scene.sequence == number][0])
    path = f"{patient:03}/IM_{number:04}.dcm"
    dataset = header(cine, (scene.seed, number), syntax)
    set_pixels(dataset, (cine.frame(frame) for frame in range(len(cine))), syntax)
    with replacing(output / path) as file:
        dataset.save_as(file, enforce_file_format=True)
    device = f"{cine.machine.maker} {cine.machine.model}"
    return path, cine.person.number, device, 0, len(cine) - 1, VIEWS[cine.view], _LABELLER


def header(cine: HeartCine, key: tuple[int, int], syntax: str) -> Dataset:
    """Return a cine's data set without its pixels; all that identifies is made up.

    Args:
        cine: The cine.
        key: (seed, number), for the unique identifiers.
        syntax: Transfer syntax UID.
    """
    from pydicom import Dataset
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import UID

    dataset = Dataset()
    dataset.SOPClassUID, dataset.Modality = _MULTIFRAME, "US"
    dataset.ImageType, dataset.PatientOrientation = ["ORIGINAL", "PRIMARY"], ""
    dataset.SeriesNumber, dataset.InstanceNumber = 1, key[1] + 1
    dataset.Manufacturer, dataset.ManufacturerModelName = cine.machine.maker, cine.machine.model
    _name(dataset, cine.person)
    _number(dataset, key)
    _time_and_place(dataset, cine)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = UID(_MULTIFRAME)
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.file_meta.TransferSyntaxUID = UID(syntax)
    return dataset


def _name(dataset: Dataset, person: Person) -> None:
    """State who was examined, where and when; in free text and in a private element too."""
    dataset.PatientName, dataset.PatientID = person.name, person.number
    dataset.PatientSex, dataset.PatientBirthDate = person.sex, person.born
    dataset.StudyDate = dataset.SeriesDate = dataset.ContentDate = person.studied
    dataset.StudyTime = dataset.SeriesTime = dataset.ContentTime = person.at
    dataset.InstitutionName, dataset.AccessionNumber = person.site, f"A{person.number[:6]}"
    dataset.ReferringPhysicianName, dataset.StudyID = "WHO^DOCTOR", "1"
    dataset.StudyDescription = f"Echo of {person.name}"
    block = dataset.private_block(0x200D, "SONOLAB PHANTOM 01", create=True)
    block.add_new(0x01, "LO", f"operator note: {person.name} {person.born}")


def _number(dataset: Dataset, key: tuple[int, int]) -> None:
    """Draw unique identifiers, the same each time."""
    from pydicom.uid import PYDICOM_ROOT_UID, generate_uid

    patient = dataset.PatientID
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.SOPInstanceUID = (
        generate_uid(PYDICOM_ROOT_UID, [kind, str(key[0]), patient, number])
        for kind, number in (("study", ""), ("series", ""), ("image", str(key[1])))
    )


def _time_and_place(dataset: Dataset, cine: HeartCine) -> None:
    """State the frame rate, and where on the screen the sector lies at what scale."""
    from pydicom import Dataset
    from pydicom.sequence import Sequence as Items
    from pydicom.tag import Tag

    dataset.FrameTime, dataset.CineRate = f"{1000 / cine.fps:.6g}", round(cine.fps)
    dataset.FrameIncrementPointer, dataset.NumberOfFrames = Tag("FrameTime"), len(cine)
    dataset.HeartRate = round(cine.heart.rate_bpm)
    item = Dataset()
    item.RegionSpatialFormat, item.RegionDataType, item.RegionFlags = _TISSUE, _TISSUE, 0
    item.RegionLocationMinX0, item.RegionLocationMinY0 = cine.region[:2]
    item.RegionLocationMaxX1, item.RegionLocationMaxY1 = cine.region[2:]
    item.PhysicalUnitsXDirection = item.PhysicalUnitsYDirection = _CENTIMETRES
    item.PhysicalDeltaX = item.PhysicalDeltaY = cine.spacing_mm / 10
    dataset.SequenceOfUltrasoundRegions = Items([item])


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="python -m core.cines.simulate", description=__doc__)
    add = parser.add_argument
    add("--output", type=Path, required=True, help="a new or empty folder")
    add("--patients", type=int, default=3, help="each is scanned in the eight views; 3")
    add("--frames", type=int, default=40, help="of a cine; 40")
    add("--scale", type=float, default=1.0, help="of the screens' sides, 0.1 to 1; 1")
    add("--syntax", choices=list(SYNTAXES), default="jpeg", help="transfer syntax; jpeg")
    add("--seed", type=int, default=0, help="of everything; 0")
    return parser


if __name__ == "__main__":
    sys.exit(main())
