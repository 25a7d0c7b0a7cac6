"""Damaged cines: `python -m tests.core.cines.fuzz 20000` reads so many and prints what became of them."""

import resource
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import imagecodecs
import numpy as np
from pydicom.encaps import encapsulate
from pydicom.uid import (
    MPEG4HP41,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from core.checks import InputError
from core.cines import open_cine
from core.dicom.isolated import isolated
from tests.core.cines.videos import moving, write_video
from tests.dicoms import dataset, jpeg_dataset, jpeg_of, write, write_dicom

BATCH = 1000
RGB = moving(3, (24, 32))
GREY = np.ascontiguousarray(RGB[..., 0])


def seeds(folder):
    """Write a small cine of each encoding."""

    def encapsulated(name, encoding, encode):
        ds = dataset(GREY, encoding=encoding, NumberOfFrames=3)
        ds.PixelData = encapsulate([encode(frame) for frame in GREY])
        ds["PixelData"].VR = "OB"
        return write(folder / name, ds)

    runs = dataset(RGB, "RGB", NumberOfFrames=3)
    runs.compress(RLELossless, generate_instance_uid=False)
    jpeg = jpeg_dataset(RGB[0], [jpeg_of(frame) for frame in RGB], "YBR_FULL_422", NumberOfFrames=3)
    stream = dataset(RGB, "YBR_PARTIAL_420", encoding=MPEG4HP41, NumberOfFrames=3)
    stream.PixelData = encapsulate([write_video(folder / ".h264", RGB, form="h264").read_bytes()])
    stream["PixelData"].VR = "OB"
    deflated = DeflatedExplicitVRLittleEndian
    return [
        write_dicom(folder / "native.dcm", RGB, "RGB", NumberOfFrames=3),
        write_dicom(folder / "big.dcm", GREY, encoding=ExplicitVRBigEndian, NumberOfFrames=3),
        write_dicom(folder / "deflated.dcm", GREY, encoding=deflated, NumberOfFrames=3),
        write(folder / "rle.dcm", runs),
        write(folder / "jpeg.dcm", jpeg),
        write(folder / "h264.dcm", stream),
        encapsulated("lossless.dcm", JPEGLosslessSV1, imagecodecs.ljpeg_encode),
        encapsulated("jpeg_ls.dcm", JPEGLSLossless, imagecodecs.jpegls_encode),
        encapsulated("jpeg_2000.dcm", JPEG2000Lossless, lambda x: imagecodecs.jpeg2k_encode(x, level=0)),
        write_video(folder / "a.mp4", RGB),
        write_video(folder / "a.avi", RGB, "mjpeg", "yuvj420p"),
        write_video(folder / "a.mkv", RGB),
    ]  # fmt: skip


def damaged(content, rng):
    """Flip bytes, cut the end off, or write a large number where a length may stand."""
    content, way = bytearray(content), rng.integers(4)
    places = rng.integers(132 % len(content), len(content), rng.integers(1, 6))
    if way == 0:
        return bytes(content[: rng.integers(len(content))])
    for place in places:
        if way == 1:
            content[place] ^= 1 << rng.integers(8)
        elif way == 2:
            content[place] = rng.integers(256)
        else:
            content[place : place + 4] = rng.bytes(4)
    return bytes(content)


def read(path):
    """Return "pixels" or "refused" for a damaged cine; every other exception gets out."""
    try:
        with open_cine(path) as cine:
            for number in range(min(len(cine), 3)):
                assert cine[number].dtype == np.uint8
    except InputError as error:
        said = str(error)
    else:
        return "pixels"
    assert said.startswith(path.name), said
    assert "\n" not in said
    return "refused"


def campaign(folder, count, *, seed=0):
    """Read `count` damaged files; returns outcomes by seed file, and seconds of each."""
    paths = seeds(folder)
    contents = [path.read_bytes() for path in paths]
    outcomes, seconds, rng = Counter(), [], np.random.default_rng(seed)
    for number in range(count):
        path, content = paths[number % len(paths)], contents[number % len(paths)]
        path.write_bytes(damaged(content, rng))
        start = time.perf_counter()
        outcomes[path.name, read(path)] += 1
        seconds.append(time.perf_counter() - start)
    return outcomes, np.array(seconds)


def peak_mib(who=resource.RUSAGE_SELF):
    return resource.getrusage(who).ru_maxrss >> 10


def worker_peak_mib():
    """Of the worker that runs, and of all that ended before."""
    return max(isolated(peak_mib, seconds=2.0), peak_mib(resource.RUSAGE_CHILDREN))


def main(count):
    outcomes, seconds = Counter(), []
    for first in range(0, count, BATCH):
        with tempfile.TemporaryDirectory() as folder:
            became, took = campaign(Path(folder), min(BATCH, count - first), seed=first)
        outcomes += became
        seconds += list(took)
        sys.stdout.write(f"{len(seconds)} of {count}, worker {worker_peak_mib()} MiB\n")
        sys.stdout.flush()
    for key, number in sorted(outcomes.items()):
        sys.stdout.write(f"{' '.join(key)}: {number}\n")
    took = np.array(seconds)
    sys.stdout.write(
        f"{count} files; seconds: median {np.median(took):.4f}, 99.9 % "
        f"{np.quantile(took, 0.999):.2f}, longest {took.max():.2f}; {(took > 2).sum()} above 2; "
        f"peak MiB here {peak_mib()}, in any worker {worker_peak_mib()}\n"
    )


if __name__ == "__main__":
    from tests.core.cines.fuzz import main  # under its own name, by which the worker finds it

    main(int(sys.argv[1]))
