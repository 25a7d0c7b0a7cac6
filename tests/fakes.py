"""Seeded images in the layout of real data sets, and options that make any run tiny."""

import contextlib
import resource
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from PIL import Image

NERVE = Path(__file__).parents[1] / "projects" / "nerve_noisy_act"

_TINY = [
    "--trainer.accelerator=cpu",
    "--trainer.max_epochs=1",
    "--trainer.logger=false",
]
TINY_NERVE = [
    *_TINY,
    "--data.size=[32,48]",
    "--data.batch_size=4",
    "--model.network.widths=[16,16,16,16,16]",
    "--model.network.input_size=[32,48]",
]
"""Makes a run of nerve_noisy_act tiny, on whatever images."""

TINY_MEDIAN = [*_TINY, "--data.size=[32,64]", "--trainer.limit_train_batches=3"]
"""Makes a run of median_sacunet short; `widths` make its own networks tiny too."""

TINY_WIDTHS = "--model.network.widths=[8,8,16]"

TINY_ARM = ["--data.source.subjects=3", "--data.source.scale=0.1"]
"""Makes the wrist and forearm phantom tiny: 78 images of 44 x 56 and 58 x 86 pixels."""

TINY_SPINE = [
    *_TINY,
    "--data.size=[128,32]",
    "--data.patches.size=32",
    "--data.patches.stride=8",
    "--data.patches.clean_below=12",
    "--data.patches.corrupted_above=12",
    "--data.per_epoch=8",
    "--data.batch_size=4",
    "--data.workers=0",
]
"""Makes a run of spine_dagan short: two batches of patches as large as half the grid."""

TINY_REMOVAL = [*_TINY, "--data.size=[32,32]", "--data.batch_size=4", "--data.workers=0"]
"""Makes a run of annotation_n2n short; `widths` make its own networks tiny too."""

TINY_N2N = "--model.network.widths=[2,4,4,2]"

TINY_VIEWS = [*_TINY, "--data.batch_size=8", "--trainer.limit_train_batches=2"]
"""Makes a run of echo_views short, on whatever images."""

TINY_HEART = [
    "--data.source.patients=9",
    "--data.source.frames=1",
    "--data.source.scale=0.1",
]
"""Makes the heart phantom tiny: 72 frames of about 60 x 80 pixels."""

TINY_BACK = ["--data.source.subjects=6", "--data.source.scale=0.1"]
"""Makes the spine phantom tiny: six images of about 220 x 60 pixels."""

TINY_PHANTOM = [
    "--data.source.subjects=5",
    "--data.source.frames=3",
    "--data.source.size=[40,56]",
]
"""Makes the phantom tiny: fifteen frames."""


def write_overlay(path, *, save_every):
    """An overlay that saves a checkpoint to resume from every few steps."""
    from core.cli.stack import read_stack

    callbacks = read_stack(NERVE, [])["trainer"]["callbacks"]
    for callback in callbacks:
        if callback["class_path"].endswith("ExactResume"):
            callback["init_args"]["every_n_steps"] = save_every
    path.write_text(yaml.safe_dump({"trainer": {"callbacks": callbacks}}))
    return path


def write_frame(folder, name, rng, *, nerve):
    """One frame as the Kaggle competition stores it: 8-bit grey LZW TIFF, mask 0 and 255."""
    image = rng.integers(0, 256, (42, 58), dtype=np.uint8)
    mask = np.zeros_like(image)
    if nerve:
        mask[10:20, 20:40] = 255
    Image.fromarray(image).save(folder / f"{name}.tif", compression="tiff_lzw")
    Image.fromarray(mask).save(folder / f"{name}_mask.tif", compression="tiff_lzw")


def write_kaggle(folder):
    """Three subjects of four frames; every other frame holds a nerve."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for subject in (1, 2, 10):
        for frame in range(1, 5):
            write_frame(folder, f"{subject}_{frame}", rng, nerve=frame % 2)
    (folder / "train_masks.csv").write_text("subject,img,pixels\n")
    return folder


def write_manifest(folder):
    """The same frames listed in a CSV file, as users list theirs."""
    frames = sorted(p.name for p in write_kaggle(folder).glob("*.tif") if "mask" not in p.name)
    rows = [(name, name.replace(".", "_mask."), name.partition("_")[0]) for name in frames]
    path = folder / "mine.csv"
    pd.DataFrame(rows, columns=["image", "mask", "subject"]).to_csv(path, index=False)
    return path


def write_arms(folder):
    """Images of two devices, regions and sizes in one CSV, as the median nerve's are listed."""
    folder.mkdir(parents=True)
    rng, rows = np.random.default_rng(0), []
    for number in range(24):
        device, region = ("HM70A", "miniSONO")[number % 2], ("wrist", "forearm")[number // 2 % 2]
        image = rng.integers(0, 256, (44, 56) if number % 2 else (58, 86), dtype=np.uint8)
        mask = np.zeros_like(image)
        mask[10:20, 20:40] = 255
        for name, pixels in (("image", image), ("mask", mask)):
            Image.fromarray(pixels).save(folder / f"{number}_{name}.png")
        files = [f"{number}_image.png", f"{number}_mask.png"]
        rows.append(
            [*files, device, region, f"s{number // 4}", "left", "DWC", 150 if number % 2 else 96]
        )
    columns = ["image", "mask", "device", "region", "subject", "hand", "level", "dpi"]
    path = folder / "manifest.csv"
    pd.DataFrame(rows, columns=columns).to_csv(path, index=False)
    return path


def write_usgra(folder):
    """Ten grey and colour images with palette masks of nerve and vessel, and their manifest."""
    rng, rows = np.random.default_rng(0), []
    for part in ("images", "masks"):
        (folder / "dataset" / part).mkdir(parents=True)
    for number in range(10):
        paths = [f"dataset/{part}/{number:04d}.png" for part in ("images", "masks")]
        shape = (44, 56) if number % 2 else (44, 56, 3)
        Image.fromarray(rng.integers(0, 256, shape, dtype=np.uint8)).save(folder / paths[0])
        classes = np.zeros((44, 56), np.uint8)
        classes[10:20, 20:40], classes[30:36, 5:15] = 1, 2
        mask = Image.fromarray(classes, mode="P")
        mask.putpalette([0, 0, 0, 128, 0, 0, 0, 128, 0])
        mask.save(folder / paths[1])
        rows.append([*paths, "train" if number < 7 else "test"])
    manifest = folder / "manifest.csv"
    pd.DataFrame(rows, columns=["image", "mask", "published_split"]).to_csv(manifest, index=False)
    return manifest


def write_spines(folder):
    """Eight projection images and masks of index values, one a subject, of the spine phantom."""
    from core.data import SpinePhantom

    folder.mkdir(parents=True)
    source, rows = SpinePhantom(subjects=8, scale=0.1, seed=0), []
    for number, sample in enumerate(source):
        names = [f"{number}_{part}.png" for part in ("image", "mask")]
        for name, part in zip(names, ("image", "mask"), strict=True):
            Image.fromarray(sample[part]).save(folder / name)
        rows.append([*names, f"s{number}"])
    path = folder / "manifest.csv"
    pd.DataFrame(rows, columns=["image", "mask", "subject"]).to_csv(path, index=False)
    return path


def write_cines(root, patients=6):
    """Cines of the eight views of some patients as folders of PNGs, and their labels.csv."""
    views = ("A2C", "A3C", "A4C", "A5C", "PLAX", "SAXBASAL", "SAXMID", "SUB4C")
    rng, pieces = np.random.default_rng(0), []
    for patient in range(patients):
        for view in views:
            folder = root / f"{patient}-{view}"
            folder.mkdir(parents=True)
            for frame in range(2):
                image = rng.integers(0, 256, (40, 56), dtype=np.uint8)
                Image.fromarray(image).save(folder / f"{frame}.png")
            machine = "ABC"[patient % 3]
            pieces.append((folder.name, f"p{patient}", machine, 0, 1, view, "me"))
    columns = ["cine", "subject", "device", "first_frame", "last_frame", "view", "labeller"]
    pd.DataFrame(pieces, columns=columns).to_csv(root / "labels.csv", index=False)
    return root / "labels.csv"


@contextlib.contextmanager
def full_disk(after):
    """No file grows beyond so many bytes, as on a full disk.

    Only around what is tested: the file that takes pytest's own output is held to it, too.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (after, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
