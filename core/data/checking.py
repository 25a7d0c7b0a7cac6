"""Reading a whole source to find all that is wrong with it at once."""

from __future__ import annotations

from tqdm import tqdm

from core.checks import InputError
from core.data.sources.base import Source


def check(source: Source) -> list[str]:
    """Read every sample, and return one line a problem; none if all is well.

    Besides samples that cannot be read this tells of masks none of which holds anything.
    """
    problems: list[str] = []
    labels = []
    for index in tqdm(range(len(source)), desc="checking", unit="image", delay=1, leave=False):
        try:
            sample = source[index]
        except InputError as error:
            problems.append(str(error))
            continue
        if "mask" in sample:
            labels.append(bool(sample["mask"].any()))
    if labels and not any(labels):
        problems.append(f"masks: expected some with foreground, got {len(labels)} empty ones")
    return problems
