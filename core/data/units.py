"""Sets of images that must stay on one side of a split, and how they are dealt out to its stages.

Images stay together if they share the subject, or the value of a column in TOGETHER: `group`, which
a user may give, or `image_digest`, which the cache finds: equal pixels. Every public set of
ultrasound images holds some that are there twice. A blank value stands for none.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.checks import InputError, require
from core.data.sources.base import some

Rows = npt.NDArray[np.int64]
Stages = dict[str, Rows]

TOGETHER = ("group", "image_digest")


def units_of(table: pd.DataFrame, by_subject: bool) -> Rows:
    """Number the sets of rows that must stay on one side, (n,) from 0 in order of appearance.

    Rows are in one set if they share a value that keeps them together, or are linked by others that
    do. Without the subject and such columns each row is a set of its own.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    require(len(table), "table", "at least one row", "none")
    columns = [c for c in ("subject" if by_subject else "", *TOGETHER) if c in table]
    nodes = len(table)
    rows, values = [], []
    for column in columns:
        codes, known = pd.factorize(_nonblank(table[column]))
        linked = np.flatnonzero(codes >= 0)
        rows.append(linked)
        values.append(nodes + codes[linked])
        nodes += len(known)
    ends = (np.concatenate([[0], *rows]), np.concatenate([[0], *values]))
    links = coo_array((np.ones(len(ends[0])), ends), shape=(nodes, nodes))
    _, labels = connected_components(links, directed=False)
    return np.asarray(pd.factorize(labels[: len(table)])[0], np.int64)


@contextmanager
def telling_of_links(table: pd.DataFrame) -> Iterator[None]:
    """Let an error that there are too few subjects say that some of them count as one, if so."""
    try:
        yield
    except InputError as error:
        units, subjects = units_of(table, by_subject=True), table["subject"]
        of_unit = subjects.groupby(units).unique()
        linked = [person for people in of_unit if len(people) > 1 for person in people]
        if not linked:
            raise
        counted = f"{subjects.nunique()} subjects count as {len(of_unit)}"
        links = f"equal images, or a common group, link {some(linked)}"
        raise InputError(f"{error}; {counted}: {links}") from error


def deal(order: Rows, units: Rows, share: float, stage: str) -> tuple[Rows, Rows]:
    """Take units, in this order, as long as they bring a stage closer to its share of all images.

    Args:
        order: The units to choose from.
        units: Unit of each image.
        share: Of all images; 0 takes none, anything above at least one unit.
        stage: What the error names.

    Returns:
        The units taken, and the others.

    Raises:
        InputError: If one is wanted and none is left.
    """
    sizes, wanted = np.bincount(units), share * len(units)
    require(len(order) or not share, stage, "at least one subject or image", "none left for it")
    taken = np.zeros(len(order), bool)
    filled = 0
    for place, unit in enumerate(order):
        if sizes[unit] < 2 * (wanted - filled):
            taken[place] = True
            filled += sizes[unit]
    if share and not filled:
        taken[0] = True
    return order[taken], order[~taken]


def balanced(order: Rows, units: Rows, parts: int) -> Rows:
    """Assign each unit to a part so that all hold about as many images: largest first."""
    sizes = np.bincount(units)
    filled = np.zeros(parts, np.int64)
    part_of = np.empty(len(order), np.int64)
    for unit in order[np.argsort(-sizes[order], kind="stable")]:
        part_of[unit] = filled.argmin()
        filled[part_of[unit]] += sizes[unit]
    return part_of


def require_apart(subject: pd.Series[str], stages: Stages) -> None:
    """Refuse a subject on two sides, naming it."""
    sides = {stage: set(subject.iloc[rows]) for stage, rows in stages.items()}
    for one, other in (("train", "test"), ("train", "val"), ("val", "test")):
        both = sorted(sides[one] & sides[other])
        if both:
            message = f"expected on one side, got in {one} and {other}"
            raise InputError(
                f"subject {some(both)}: {message} (by: image allows it, and tests on known people)"
            )


def without_twins(table: pd.DataFrame, stages: Stages) -> Stages:
    """Leave out rows whose twin, by a column of TOGETHER, is in a later stage; warn of them."""
    columns = [_nonblank(table[column]) for column in TOGETHER if column in table]
    kept = dict(stages)
    for stage, later in (("train", ("val", "test")), ("val", ("test",))):
        rows, others = stages[stage], np.concatenate([stages[name] for name in later])
        twin = np.zeros(len(rows), bool)
        for column in columns:
            twin |= column.iloc[rows].isin(column.iloc[others].dropna()).to_numpy()
        if twin.any():
            names = some(table["id"].iloc[rows[twin]].tolist())
            warnings.warn(
                f"{twin.sum()} {stage} images left out, for they are also in {' or '.join(later)}"
                f" or grouped with one there: {names}",
                stacklevel=2,
            )
        kept[stage] = rows[~twin]
    return kept


def _nonblank(column: pd.Series[str]) -> pd.Series[str]:
    return column.where(column.astype(str).str.strip() != "")
