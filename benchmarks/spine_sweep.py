"""A tracked sweep of a real spine phantom through the whole way, from frames to a segmentation.

    OMP_NUM_THREADS=1 python -m benchmarks.spine_sweep --data shared/data/spine_phantom \
        --checkpoint runs/spine_dagan/RUN --output projects/spine_dagan/figures

The sweep, that of `benchmarks.sweep_reconstruction`, shows 3 cm of a spine. It is laid into a black
picture as large as the simulated backs that the checkpoint was trained on, and that onto the grid:
a millimetre then has the size that the network knows. No patch of the training's size fits into so
small a piece; smaller ones are parted by the checkpoint's own measure and thresholds.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
import torch
import yaml
from lightning.pytorch import LightningDataModule
from lightning.pytorch.cli import LightningArgumentParser

from benchmarks import sweep_reconstruction as real
from benchmarks.spine_sweep_figure import Way, plot
from benchmarks.timing import one_thread
from core.checkpoints import read_checkpoint
from core.checks import InputError
from core.cli.load import load_task
from core.reports.patch_pools import POOLS
from core.sweeps.metaimage import read_metaimage
from core.sweeps.motion import hurried
from core.sweeps.project import Mode, margins_of
from core.sweeps.reconstruct import fill_gaps, reconstruct
from core.sweeps.sweep import Sweep
from core.sweeps.volume import VoxelGrid, coronal_grid, volume_of

VOXEL_MM, PATCH_PX, LEAVE_OUT, JITTER_MM, SEED = 0.5, 8, 3, 2.0, 0
WORDS = f"""Simulated: 1 of {LEAVE_OUT} frames left
out, the others displaced
by {JITTER_MM:g} mm (SD, each axis).
Numbers: mean edge of a
patch, in grey levels.
Segmented: no truth known."""


class Network:
    """A checkpoint, with the scale and the patches that it was trained on."""

    def __init__(self, checkpoint: Path) -> None:
        path = checkpoint / "checkpoints/best.ckpt" if checkpoint.is_dir() else checkpoint
        self.task: Any = load_task(path)
        parser = LightningArgumentParser(exit_on_error=False)
        parser.add_lightning_class_args(LightningDataModule, "data", subclass_mode=True)
        given = {"data": yaml.safe_load(read_checkpoint(path)["sonolab"]["config"])["data"]}
        self.data: Any = parser.instantiate_classes(parser.parse_object(given)).data
        backs = self.data.original.scene.subjects
        self.back_mm = np.median([np.array(b.size) * b.spacing_mm for b in backs], axis=0)

    @torch.inference_mode()
    def way(self, name: str, piece: np.ndarray) -> Way:
        """Lay a piece of a back on the grid at its own scale; part, restore and segment it."""
        margins = margins_of(piece.shape, (VOXEL_MM, VOXEL_MM), tuple(self.back_mm))
        laid = self.data.grid.lay_image(np.pad(piece, margins))
        tensor = self.task.network.restore(torch.from_numpy(laid)[None, None].float() / 255)
        restored = tensor[0, 0].mul(255).round().byte().numpy()
        (above, below), (left, right) = margins
        corners = (-left, piece.shape[1] + right, piece.shape[0] + below, -above)
        edges = [self.data.patches.edge.mean(image, laid > 0) for image in (laid, restored)]
        return Way(
            name=name,
            piece=piece,
            piece_mm=tuple(VOXEL_MM * n for n in piece.shape),
            laid=laid,
            restored=restored,
            classes=self.task.network.segmenter(tensor)[0].argmax(0).byte().numpy(),
            patches=self.parted(laid),
            extent_mm=tuple(VOXEL_MM * n for n in corners),
            notes=tuple(f"mean edge {edge:.1f}" for edge in edges),
        )

    def parted(self, laid: np.ndarray) -> pd.DataFrame:
        """Part the patches of the training's size, then small ones that lie wholly in the piece."""
        known, source = self.data.patches, [{"image": laid}]
        for rule in (known, replace(known, size=PATCH_PX, stride=PATCH_PX, most_background=0.0)):
            table = rule.split(source, np.array([0])).table
            used = table[table["pool"] != "background"].assign(size=rule.size)
            counts = {pool: int((used["pool"] == pool).sum()) for pool in POOLS}
            print(f"  patches of {rule.size} x {rule.size}: {counts}")
        return used


def swept(sweep: Sweep, grid: VoxelGrid, mode: Mode = "max") -> np.ndarray:
    """Reconstruct and project a sweep as `python -m core.sweeps` does."""
    volume = reconstruct(sweep, grid)
    fill_gaps(volume, real.MAX_GAP_MM)
    return real.seen(volume, real.SLAB_MM, mode)


def tell(network: Network, way: Way, recorded: Way) -> None:
    """Print the edges before and after, how far all is from the recorded sweep, and the classes."""
    inside, structures = way.laid > 0, enumerate(network.task.structures, 1)
    print(f"  mean grey level {way.laid[inside].mean():.0f}")
    blurred = cv2.GaussianBlur(way.laid, (1, 9), sigmaX=1, sigmaY=1)
    for name, image in (("laid", way.laid), ("restored", way.restored), ("blurred", blurred)):
        edge = network.data.patches.edge.mean(image, inside)
        off = np.abs(image.astype(int) - recorded.laid)[recorded.laid > 0].mean()
        print(f"  {name:9} mean edge {edge:5.2f}; off the recorded sweep {off:5.2f} grey levels")
    shares = [f"{(way.classes == k)[inside].mean():.0%} {name}" for k, name in structures]
    print(f"  of the piece is segmented as: {', '.join(shares)}")


def main() -> None:
    """Take the options; what is wrong with the files is said in one line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the phantom's sweep")
    parser.add_argument("--checkpoint", type=Path, required=True, help="run folder or checkpoint")
    parser.add_argument("--output", type=Path, required=True, help="folder of sweep.png")
    given = parser.parse_args()
    one_thread()
    try:
        follow(given)
    except InputError as error:
        raise SystemExit(f"error: {error}") from None


def follow(given: argparse.Namespace) -> None:
    """Project, part, restore, segment; print and draw."""
    network, sweep = Network(given.checkpoint), real.read(given.data)
    pixel_mm, rule = network.back_mm / network.data.grid.size, network.data.patches
    print(f"grid {network.data.grid.size}, {pixel_mm.round(2)} mm a pixel")
    print(f"clean up to {rule.clean_below}, corrupted from {rule.corrupted_above}")
    hasty = hurried(sweep, leave_out=LEAVE_OUT, jitter_mm=JITTER_MM, seed=SEED)
    grid = coronal_grid(sweep, VOXEL_MM)
    part, ways = real.lit(swept(sweep, grid)), []
    for name, each in (("as recorded", sweep), ("fast motion, simulated", hasty)):
        print(f"{name}, {len(each.used)} frames")
        ways.append(network.way(name, swept(each, grid)[part]))
        tell(network, ways[-1], ways[0])
    print(f"{ways[0].name}, by the mean of the slab instead of its maximum")
    tell(network, *[network.way("", swept(sweep, grid, "mean")[part])] * 2)
    theirs = volume_of(read_metaimage(given.data / real.VOLUME), "z")
    image = (image := real.seen(theirs, real.THEIR_SLAB_MM))[real.lit(image)]
    size_mm = tuple(np.array(image.shape) * theirs.grid.spacing_mm[1:])
    given.output.mkdir(parents=True, exist_ok=True)
    print(plot(ways, image, size_mm, WORDS, network.task.structures).save(given.output))


if __name__ == "__main__":
    main()
