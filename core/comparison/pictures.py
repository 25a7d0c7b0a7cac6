"""The images on which two runs differ most, side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
import pandas as pd

from core.checks import InputError
from core.comparison.boards import Board, common_images
from core.comparison.methods import Method
from core.comparison.read import TestedRun
from core.comparison.scores import quantity, run_scores
from core.reports.contours import Image, Mask, outline_each, outline_picture
from core.reports.cutout import surroundings
from core.reports.numbers import Spec
from core.reports.removal_views import read_picture
from core.reports.restored_views import View, ViewedImage
from core.reports.run_folder import ANNOTATED, REFERENCES, RESTORED, picture_path
from core.reports.tiles import Images

Source = Callable[[TestedRun], Images]
"""Gives image and true mask by row of a run's data; an InputError where the data is not there."""

Runs = tuple[TestedRun, TestedRun]

_SIDE_PX: Final = 360
_CASES: Final = 3  # with either run ahead


@dataclass(frozen=True, kw_only=True)
class Differing:
    """Images on which two runs differ most.

    Attributes:
        title: Which runs.
        note: How they were chosen, or why there are none.
        cases: The images, with as many views each.
    """

    title: str
    note: str
    cases: list[ViewedImage]


def most_differing(board: Board, first: Method, second: Method, source: Source) -> Differing:
    """Show where the first runs of two methods differ most, in either direction."""
    runs, spec = (first.runs[0], second.runs[0]), quantity(board.ranked_by)
    table = _differences(runs, spec, common_images(first, second))
    note = f"At most {_CASES} images on which either is ahead, of different subjects"
    note += ", at most one of them without the structure." if table["empty"].any() else "."
    cases = []
    try:
        images = _lazy(source, runs[0])
        for row in _chosen(table):
            title = f"{runs[0 if row['difference'] > 0 else 1].name} ahead"
            views = _views(runs, row, images)
            cases.append(ViewedImage(title=title, detail=_detail(row, spec, runs), views=views))
    except InputError as error:
        cases, note = [], f"Without pictures. {error}"
    title = f"{runs[0].name} and {runs[1].name}"
    return Differing(title=title, note=note if len(table) else "No images in common.", cases=cases)


def _differences(runs: Runs, spec: Spec, ids: list[str]) -> pd.DataFrame:
    """Return one row an image in common: id, subject, and of either run score and row of data."""
    parts = []
    for name, run in zip(("first", "second"), runs, strict=True):
        rows = run.images.drop_duplicates("id").set_index("id")["index"].rename(f"{name}_index")
        scores = run_scores(run, spec).rename(columns={"value": name})
        parts.append(scores.join(rows, how="inner"))
    table = parts[0].join(parts[1].drop(columns="subject"), how="inner")
    table = table[table.index.isin(ids)].astype({"first": float, "second": float})
    empty = table.index.isin(_without_structure(runs[0]))
    difference = table["first"] - table["second"]
    return table.assign(difference=difference, empty=empty).reset_index(names="id")


def _without_structure(run: TestedRun) -> list[str]:
    """Return the images with nothing to find: there Dice is 1 or 0, whatever was made up."""
    if "truth_px" not in run.images:
        return []
    areas = run.images.groupby("id")["truth_px"].sum()
    return [str(name) for name in areas.index[areas == 0]]


def _chosen(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield the rows that differ most: those with the first ahead, then those with the second.

    At most one of either without the structure: an image where all is won or lost tells little.
    """
    for sign in (1, -1):
        ahead = table[sign * table["difference"] > 0]
        order = ahead.sort_values("difference", ascending=sign < 0, kind="stable")
        order = order[~order["empty"] | (order["empty"].cumsum() == 1)]
        rows = order.drop_duplicates("subject").head(_CASES).to_dict("records")
        yield from ({str(key): value for key, value in row.items()} for row in rows)


def _detail(row: dict[str, Any], spec: Spec, runs: Runs) -> str:
    """Say which image it is, and what either run made of it."""
    subject = "" if row["subject"] == row["id"] else f", subject {row['subject']}"
    names = ("first", "second")
    if not runs[0].folder.classified.empty:
        said = [_answer(run, row[f"{name}_index"]) for name, run in zip(names, runs, strict=True)]
        return f"Image {row['id']}{subject}, {said[0][0]}; {'; '.join(words for _, words in said)}"
    unit = f" {spec.unit}" if spec.unit else ""
    values = (
        f"{run.name} {row[name]:.{spec.decimals}f}{unit}"
        for name, run in zip(names, runs, strict=True)
    )
    return f"Image {row['id']}{subject}; {spec.label}: {', '.join(values)}"


def _answer(run: TestedRun, index: int) -> tuple[str, str]:
    """Return the true class of an image, and what a classifier answered and how sure it was."""
    rows = run.folder.classified
    row = rows[rows["index"] == index].iloc[0]
    said = f"{run.name} says {row['predicted']}, confidence {row['confidence']:.2f}"
    return str(row["truth"]), said


def _views(runs: Runs, row: dict[str, Any], images: Images) -> list[View]:
    """Return the pictures of an image: what there was to see, then what either run made of it."""
    rows = int(row["first_index"]), int(row["second_index"])
    if not runs[0].folder.removal.empty:
        return _removed(runs, rows)
    image, truth = images(rows[0])
    if not runs[0].folder.classified.empty:
        return [View(name="Input", whole=outline_picture(image, None, None, _SIDE_PX))]
    masks = [run.folder.prediction(index) for run, index in zip(runs, rows, strict=True)]
    if truth is not None and len(runs[0].folder.structures) < 2:
        truth = (truth != 0).astype(np.uint8)  # whatever value the source has inside
    part = surroundings(truth, *masks)
    views = [View(name="Input and truth", whole=_outlined(image, truth, None, part))]
    for run, index, mask in zip(runs, rows, masks, strict=True):
        below, restored = _restored(run, index, image)
        name = f"{run.name}, on what it restored" if restored else run.name
        views.append(View(name=name, whole=_outlined(below, truth, mask, part)))
    return views


def _removed(runs: Runs, rows: tuple[int, int]) -> list[View]:
    """Return input, clean image and both outputs, at one size."""
    places = {
        "Input": picture_path(runs[0].root, ANNOTATED, rows[0]),
        **{
            run.name: picture_path(run.root, RESTORED, index)
            for run, index in zip(runs, rows, strict=True)
        },
        "Clean": picture_path(runs[0].root, REFERENCES, rows[0]),
    }
    return [
        View(name=name, whole=outline_picture(read_picture(path, name), None, None, _SIDE_PX))
        for name, path in places.items()
    ]


def _restored(run: TestedRun, index: int, image: Image) -> tuple[Image, bool]:
    """Return what a run restored, at the image's own size, or the image where it restores none."""
    path = picture_path(run.root, RESTORED, index)
    if not path.is_file():
        return image, False
    restored = read_picture(path, "the restored image")
    return np.asarray(cv2.resize(restored, image.shape[1::-1]), np.uint8), True


def _outlined(
    image: Image, truth: Mask | None, found: Mask | None, part: tuple[slice, slice]
) -> Image:
    """Draw the outlines of each structure on the part of an image that they are in."""
    true, predicted = (None if mask is None else mask[part] for mask in (truth, found))
    return outline_each(image[part], true, predicted, _SIDE_PX)


def _lazy(source: Source, run: TestedRun) -> Images:
    """Return images of a run whose data is looked for at the first one: removal needs none."""
    known: list[Images] = []

    def images(index: int) -> tuple[Image, Mask | None]:
        if not known:
            known.append(source(run))
        return known[0](index)

    return images
