"""DICOM files with identities planted wherever a file can hold some."""

import csv
import struct
from pathlib import Path

import cv2
import numpy as np
from pydicom import Dataset
from pydicom.datadict import dictionary_VR
from pydicom.dataset import FileMetaDataset
from pydicom.uid import UID

import core.deidentify
from core.dicom.encode import SYNTAXES, set_pixels
from tests import dicoms

STEM = "QZPHI"
UID_STEM = "1.2.752.99.777"
DAY, CLOCK = "19870913", "215859.424242"
WORDS = (STEM, UID_STEM, DAY, CLOCK, "JANSSON")
"""What planted texts, UIDs, dates and times are made of; nothing else in a file holds these."""

SIZE, REGION = (64, 96), (8, 16, 87, 55)
KEPT = {"FrameTime": 33.3, "CineRate": 30, "MechanicalIndex": 1.2}
PLANTED = ("AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT", "UI", "DA", "TM", "DT")
MACHINE = ("Philips", "EPIQ 7G")


def profile():
    """The rows of the standard's table, by keyword."""
    path = Path(core.deidentify.__file__).with_name("profile.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class Planter:
    """Puts identities into a data set; counts and remembers them."""

    def __init__(self, seed=0):
        self.count, self.seed = 0, seed

    def text(self):
        self.count += 1
        return f"{STEM}{self.seed:03d}{self.count:04d}"  # fits the shortest kind, 16 characters

    def value(self, kind):
        text = self.text()
        uid = f"{UID_STEM}.{self.seed}.{self.count}"
        return {"UI": uid, "DA": DAY, "TM": CLOCK, "DT": DAY + CLOCK}.get(kind, text)

    def everywhere(self, dataset):
        """Plant into every row of the standard's table that can hold a text, a date or a UID."""
        for row in profile():
            if row["tag"].startswith(("0000", "0002", "50xx", "60xx", "gggg")):
                continue
            tag = int(row["tag"].replace(",", ""), 16)
            kind = dictionary_VR(tag) if row["keyword"] else "LO"  # some are new to pydicom
            if kind == "SQ":
                dataset.add_new(tag, "SQ", [self.nested(2)])
            elif kind in PLANTED:
                dataset.add_new(tag, kind, self.value(kind))

    def nested(self, depth):
        item = Dataset()
        item.PatientName, item.OperatorsName = self.value("PN"), self.value("PN")
        item.ReferencedSOPInstanceUID, item.StudyDate = self.value("UI"), self.value("DA")
        item.CodeMeaning = self.text()
        self.private(item)
        if depth > 1:
            item.RequestAttributesSequence = [self.nested(depth - 1)]
        return item

    def private(self, dataset):
        block = dataset.private_block(0x0019, self.text(), create=True)
        block.add_new(1, "LO", self.text())
        block.add_new(2, "UN", self.text().encode())

    def graphics(self, dataset):
        """Overlays, curves, an icon, a look-up table's explanation, padding."""
        for group in (0x6000, 0x6002):
            dataset.add_new((group, 0x0022), "LO", self.text())
            dataset.add_new((group, 0x1500), "LO", self.text())
            dataset.add_new((group, 0x3000), "OW", self.text().encode())
            dataset.add_new((group, 0x4000), "LT", self.text())
        dataset.add_new((0x5000, 0x0022), "LO", self.text())
        dataset.add_new((0x5000, 0x3000), "OW", self.text().encode())
        icon = Dataset()
        icon.PatientName, icon.Rows, icon.Columns = self.value("PN"), 4, 4
        icon.add_new("PixelData", "OB", self.text().encode())
        dataset.IconImageSequence = [icon]
        dataset.add_new((0xFFFC, 0xFFFC), "OB", self.text().encode())


def cine(frames=3, *, colour=True, seed=0):
    """Moving speckle in the region, black and a burned-in name outside: (frames, H, W[, 3])."""
    rng = np.random.default_rng(seed)
    shape = (frames, *SIZE, 3) if colour else (frames, *SIZE)
    pixels = np.zeros(shape, np.uint8)
    x0, y0, x1, y1 = REGION
    inside = pixels[:, y0 : y1 + 1, x0 : x1 + 1]
    inside[...] = rng.integers(0, 200, inside.shape)
    for frame in pixels:
        cv2.putText(frame, "JANSSON EVA", (1, 11), cv2.FONT_HERSHEY_PLAIN, 0.8, (255,) * 3)
    return pixels


def region(box=REGION, *, spatial_format=1):
    names = ("MinX0", "MinY0", "MaxX1", "MaxY1")
    place = {f"RegionLocation{name}": side for name, side in zip(names, box, strict=True)}
    delta_cm = 0.0123456789
    kind = {"RegionSpatialFormat": spatial_format, "RegionFlags": 2}
    return dicoms.region(delta_cm, delta_cm, **kind, **place)


def dataset(pixels, syntax="explicit", *, patient="P1", number=1, **elements):
    """An ultrasound cine without any planted identity but its ID, UIDs and dates."""
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = UID(SYNTAXES[syntax])
    ds.SOPClassUID = "1.2.840.10008.5.1.4.1.1.3.1"
    ds.StudyInstanceUID, ds.SeriesInstanceUID = f"{UID_STEM}.2", f"{UID_STEM}.3"
    ds.SOPInstanceUID = f"{UID_STEM}.4.{number}"
    ds.Manufacturer, ds.ManufacturerModelName = MACHINE
    ds.PatientID, ds.PatientName = patient, f"{STEM}^EVA"
    ds.StudyDate, ds.StudyTime = DAY, CLOCK
    ds.SequenceOfUltrasoundRegions = [region()]
    set_pixels(ds, pixels, SYNTAXES[syntax])
    ds.NumberOfFrames = len(pixels)
    for keyword, value in (KEPT | elements).items():
        setattr(ds, keyword, value)
    return ds


def write(path, ds, *, trailing=b""):
    path.parent.mkdir(parents=True, exist_ok=True)
    ds.save_as(path, enforce_file_format=True)
    with path.open("ab") as file:
        file.write(trailing)
    return path


def planted(path, pixels, syntax, *, patient, seed=0):
    """Write a file with identities all over it; returns how many there are."""
    ds, planter = dataset(pixels, syntax, patient=patient, number=seed), Planter(seed)
    keep = {keyword: ds[keyword] for keyword in ("SOPClassUID", "PatientID", "PixelData")}
    planter.everywhere(ds)
    for keyword, element in keep.items():
        ds[keyword] = element
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = planter.value("UI")
    ds.ProcedureCodeSequence = [planter.nested(4)]
    planter.private(ds)
    planter.graphics(ds)
    inner = ds.SequenceOfUltrasoundRegions[0]
    inner.PatientName = planter.value("PN")
    planter.private(inner)
    inner.ReferencedImageSequence = [planter.nested(3)]
    meta = ds.file_meta
    meta.MediaStorageSOPClassUID = ds.SOPClassUID
    meta.SourceApplicationEntityTitle, meta.SendingApplicationEntityTitle = planter.text(), "QZPHI"
    meta.PrivateInformationCreatorUID = f"{UID_STEM}.9"
    meta.PrivateInformation = planter.text().encode()
    ds.preamble = f"{planter.text()} {UID_STEM}".encode().ljust(128, b"\0")
    trailing = struct.pack("<2H", 0x7FE1, 0x0010) + b"UN\0\0" + struct.pack("<L", 16)
    write(path, ds, trailing=trailing + planter.text().encode().ljust(16))
    return planter.count


def leaks(root):
    """Return which files below a folder hold anything planted, in bytes or in their names."""
    needles = [text.encode(code) for text in WORDS for code in ("ascii", "utf-16-le", "utf-16-be")]
    return [
        path.relative_to(root).as_posix()
        for path in root.rglob("*")
        if STEM in path.name or (path.is_file() and any(n in path.read_bytes() for n in needles))
    ]
