"""Small DICOM files as scanners write them, of given pixels."""

import io

import numpy as np
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import ExplicitVRLittleEndian, JPEGBaseline8Bit, UltrasoundImageStorage


def dataset(pixels, colours="MONOCHROME2", *, encoding=ExplicitVRLittleEndian, **elements):
    """A still (H, W) or (H, W, 3), or a cine (frames, ...) with `NumberOfFrames` given."""
    pixels = np.asarray(pixels)
    channels = 1 if colours.startswith(("MONO", "PAL")) else 3
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = encoding
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = UltrasoundImageStorage
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = "1.2.3.4"
    ds.PatientName, ds.PatientID = "Canary^Carl", "CANARY-7"
    size = pixels.shape[:-1] if channels == 3 else pixels.shape
    ds.Rows, ds.Columns = size[-2:]
    ds.SamplesPerPixel, ds.PhotometricInterpretation = channels, colours
    if channels == 3:
        ds.PlanarConfiguration = 0
    bits = 8 * pixels.dtype.itemsize
    ds.BitsAllocated = ds.BitsStored = bits
    ds.PixelRepresentation = int(pixels.dtype.kind == "i")
    for keyword, value in elements.items():
        setattr(ds, keyword, value)
    ds.HighBit = elements.get("HighBit", ds.BitsStored - 1)
    order = "<" if encoding.is_little_endian else ">"
    ds.PixelData = pixels.astype(pixels.dtype.newbyteorder(order)).tobytes()
    ds["PixelData"].VR = "OW" if bits > 8 else "OB"
    return ds


def write(path, ds):
    ds.save_as(path, enforce_file_format=True)
    return path


def write_dicom(path, pixels, colours="MONOCHROME2", **elements):
    return write(path, dataset(pixels, colours, **elements))


def jpeg_dataset(pixels, payloads, colours, **elements):
    """The pixels say the size; the payloads are whole JPEG files, one a frame."""
    ds = dataset(pixels, colours, encoding=JPEGBaseline8Bit, **elements)
    ds.PixelData = encapsulate(payloads)
    ds["PixelData"].VR = "OB"
    return ds


def jpeg_of(pixels, *, marker="JFIF", **options):
    """A JPEG file; its marker may be left out, or exchanged for Adobe's with a transform."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=95, subsampling=0, **options)
    content = buffer.getvalue()
    start = content.find(b"\xff\xe0")
    end = start + 2 + int.from_bytes(content[start + 2 : start + 4], "big")
    adobe = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x01"
    segments = {"JFIF": content[start:end], "Adobe": adobe, "": b""}
    return content[:start] + segments[marker] + content[end:]


def region(delta_x=0.01, delta_y=0.01, **elements):
    """A calibrated two-dimensional tissue region; deltas in cm a pixel."""
    item = Dataset()
    item.RegionSpatialFormat, item.RegionDataType = 1, 1
    item.PhysicalUnitsXDirection = item.PhysicalUnitsYDirection = 3
    item.PhysicalDeltaX, item.PhysicalDeltaY = delta_x, delta_y
    for keyword, value in elements.items():
        setattr(item, keyword, value)
    return item
