"""MetaImage files written byte by byte, and a sweep over a ball whose place is known."""

import zlib
from dataclasses import dataclass, field

import numpy as np
import pytest

TYPES = {"u1": "MET_UCHAR", "i2": "MET_SHORT", "u2": "MET_USHORT", "f4": "MET_FLOAT"}


def text(matrix):
    return " ".join(f"{number:.12g}" for number in np.ravel(matrix))


def write(path, values, compress=True, data=None, **fields):
    """Write values (Z, Y, X); fields override header lines, None leaves one out."""
    dtype = values.dtype.str
    raw = values.tobytes() if data is None else data
    raw = zlib.compress(raw) if compress else raw
    header = {
        "ObjectType": "Image",
        "NDims": "3",
        "BinaryDataByteOrderMSB": str(dtype[0] == ">"),
        "CompressedData": str(compress),
        "DimSize": text(values.shape[::-1]),
        "ElementType": TYPES[dtype[1:]],
        **fields,
    }
    lines = [f"{key} = {value}" for key, value in header.items() if value is not None]
    end = "" if "ElementDataFile" in header else "ElementDataFile = LOCAL\n"
    path.write_bytes("\n".join([*lines, end]).encode() + raw)
    return path


def rotation(seed):
    """A random rotation."""
    q, r = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    q = q * np.sign(np.diag(r))
    return q * np.linalg.det(q)


def rigid(turn, shift):
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = turn, shift
    return matrix


@dataclass
class Scan:
    """A probe that moves along y over a ball, x lateral and z depth, all then turned in space.

    Frames are 60 rows by 80 columns of 0.5 mm: x from -20 to 19.5, z from 0 to 29.5.
    """

    ball: tuple = (5.0, 12.0, 18.0)  # x, y, z in mm
    radius: float = 4.0
    step_mm: float = 0.5
    count: int = 49
    tilt: float = 0.0
    turn: np.ndarray = field(default_factory=lambda: np.eye(3))
    shift: tuple = (0.0, 0.0, 0.0)

    def __post_init__(self):
        self.image_to_probe = rigid([[0.5, 0, 0], [0, 0, -0.5], [0, 0.5, 0]], (-20, 0, 0))
        lean = np.array(
            [
                [1, 0, 0],
                [0, np.cos(self.tilt), np.sin(self.tilt)],
                [0, -np.sin(self.tilt), np.cos(self.tilt)],
            ]
        )
        probes = [rigid(lean, (0, k * self.step_mm, 0)) for k in range(self.count)]
        self.world = rigid(self.turn, self.shift)
        self.poses = [self.world @ probe for probe in probes]
        columns, rows = np.meshgrid(np.arange(80), np.arange(60))
        pixels = np.stack([columns, rows, 0 * rows, 0 * rows + 1], axis=-1)
        points = [pixels @ (probe @ self.image_to_probe).T for probe in probes]
        distance = [np.linalg.norm(p[..., :3] - self.ball, axis=-1) for p in points]
        self.frames = np.where(np.array(distance) < self.radius, 200, 20).astype(np.uint8)

    @property
    def ball_mm(self):
        return (self.world @ [*self.ball, 1])[:3]

    def fields(self, name="ProbeToTracker"):
        return {f"Seq_Frame{k:04d}_{name}Transform": text(p) for k, p in enumerate(self.poses)}

    @property
    def calibration(self):
        return {("Image", "Probe"): self.image_to_probe}

    def save(self, path, frames=None, **fields):
        given = self.frames if frames is None else frames
        return write(path, given, **{**self.fields(), **fields})


@pytest.fixture
def scan():
    return Scan()
