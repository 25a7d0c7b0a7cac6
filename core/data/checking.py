"""Reading a whole source to find all that is wrong with it at once."""

from __future__ import annotations

from collections import defaultdict

from tqdm import tqdm

from core.checks import InputError
from core.data.digests import image_digest
from core.data.sources.base import Source, some


def check(source: Source) -> list[str]:
    """Read every sample, and return one line a problem; none if all is well.

    Besides samples that cannot be read this tells of equal images under different subjects, and of
    masks none of which holds anything.
    """
    problems: list[str] = []
    twins: dict[str, list[int]] = defaultdict(list)
    labels = []
    for index in tqdm(range(len(source)), desc="checking", unit="image", delay=1, leave=False):
        try:
            sample = source[index]
        except InputError as error:
            problems.append(str(error))
            continue
        twins[image_digest(sample["image"])].append(index)
        if "mask" in sample:
            labels.append(bool(sample["mask"].any()))
    problems += [_twins(source, rows) for rows in twins.values() if _subjects(source, rows) > 1]
    if labels and not any(labels):
        problems.append(f"masks: expected some with foreground, got {len(labels)} empty ones")
    return problems


def _subjects(source: Source, rows: list[int]) -> int:
    return source.table["subject"].iloc[rows].nunique()


def _twins(source: Source, rows: list[int]) -> str:
    ids = some(source.table["id"].iloc[rows].tolist())
    return f"{ids}: expected different images, got equal ones of {_subjects(source, rows)} subjects"
