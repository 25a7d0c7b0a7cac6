"""Frames a second of a colour JPEG cine, beside pydicom's own iteration over its frames.

    OMP_NUM_THREADS=1 python -m benchmarks.cine_decoding [CINE.dcm]

Both go over the whole cine, opened anew each time, one thread each. Ours decodes in its worker
process, a few frames at a time, so wall-clock time counts, not processor time. Without a file a
cine of 30 frames of 240 x 320 is made up. "grey" gives the brightness alone; pydicom's is reduced
from its colours.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import imagecodecs
import numpy as np
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.pixels import iter_pixels
from pydicom.uid import JPEGBaseline8Bit

from benchmarks.timing import alternate, one_thread, ratios, show, write_results
from core.cines import open_cine
from core.dicom.pixels import luma

OURS_COLOUR, OURS_GREY = "ours, colour", "ours, grey"
FRAMES, SIZE, ROUNDS = 30, (240, 320), 15


def made_up(folder: Path) -> Path:
    """Write a cine of smooth noise with a little colour."""
    rng, ds = np.random.default_rng(0), Dataset()
    images = [Image.fromarray(rng.integers(0, 200, (60, 80, 3), np.uint8)) for _ in range(FRAMES)]
    frames = [np.asarray(image.resize(SIZE[::-1])) for image in images]
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    ds.SOPClassUID, ds.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.3.1", "1.2.3.4"
    ds.Rows, ds.Columns, ds.NumberOfFrames = *SIZE, FRAMES
    ds.SamplesPerPixel, ds.PhotometricInterpretation, ds.PlanarConfiguration = 3, "YBR_FULL_422", 0
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 8, 8, 7, 0
    ds.PixelData = encapsulate(
        [imagecodecs.jpeg8_encode(frame, level=85, subsampling="422") for frame in frames]
    )
    ds.save_as(folder / "cine.dcm", enforce_file_format=True)
    return folder / "cine.dcm"


def ours(path: Path, *, grey: bool) -> float:
    """Go over the cine; returns the sum of its means."""
    with open_cine(path, grey=grey) as cine:
        return float(sum(frame[0].mean() for frame in cine))


def measure(path: Path) -> dict[str, object]:
    """Time all ways on one cine, and check that they see the same."""
    ways = {
        OURS_COLOUR: lambda: ours(path, grey=False),
        OURS_GREY: lambda: ours(path, grey=True),
        "pydicom: iter_pixels, colour": lambda: sum(f[0].mean() for f in iter_pixels(path)),
        "pydicom: iter_pixels, grey": lambda: sum(luma(f)[0].mean() for f in iter_pixels(path)),
    }
    pairs = zip(iter_pixels(path), open_cine(path), strict=True)
    difference = max(int(np.abs(a.astype(int) - b).max()) for a, b in pairs)
    with open_cine(path) as cine:
        frames, size = cine.frames, cine.size
    seconds = alternate(ways, ROUNDS)
    show(f"{frames} frames of {size[0]} x {size[1]}, one thread each", seconds, OURS_COLOUR)
    return {
        "frames": frames,
        "size": size,
        "threads": 1,
        "ms_a_frame": {name: round(1e3 * s / frames, 3) for name, s in seconds.items()},
        "frames_a_second": {name: round(frames / s) for name, s in seconds.items()},
        "pydicom_times_ours": {
            "colour": ratios(seconds, OURS_COLOUR)["pydicom: iter_pixels, colour"],
            "grey": ratios(seconds, OURS_GREY)["pydicom: iter_pixels, grey"],
        },
        "largest_difference": difference,
    }


def main() -> None:
    """Measure, print, write."""
    one_thread()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(sys.argv[1]) if len(sys.argv) > 1 else made_up(Path(folder))
        print(write_results("cine_decoding", measure(path)))


if __name__ == "__main__":
    main()
