"""Reading a whole source to find all that is wrong with it at once."""

from __future__ import annotations

from collections import Counter

from tqdm import tqdm

from core.checks import InputError
from core.data.sources.base import Source


def check(source: Source, *, structures: int = 1) -> list[str]:
    """Read every sample, and return one line a problem; none if all is well.

    What is said of several samples, such as the frames of one torn cine, is one line.

    Besides samples that cannot be read this tells of masks none of which holds anything, and of
    classes that no structure stands for.

    Args:
        source: The samples.
        structures: Number of structures; a single one takes all that is not background.
    """
    problems: Counter[str] = Counter()
    highest = []
    for index in tqdm(range(len(source)), desc="checking", unit="image", delay=1, leave=False):
        try:
            sample = source[index]
        except InputError as error:
            problems[str(error)] += 1
            continue
        if "mask" in sample:
            highest.append(int(sample["mask"].max()))
            if 1 < structures < highest[-1]:
                name = source.table["id"].iloc[index]
                expected = f"classes up to {structures}, one a structure"
                problems[f"mask of {name}: expected {expected}, got {highest[-1]}"] += 1
    if highest and not any(highest):
        problems[f"masks: expected some with foreground, got {len(highest)} empty ones"] += 1
    return [line if n == 1 else f"{line} ({n} images)" for line, n in problems.items()]
