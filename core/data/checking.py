"""Reading a whole source to find all that is wrong with it at once."""

from __future__ import annotations

from tqdm import tqdm

from core.checks import InputError
from core.data.sources.base import Source


def check(source: Source, *, structures: int = 1) -> list[str]:
    """Read every sample, and return one line a problem; none if all is well.

    Besides samples that cannot be read this tells of masks none of which holds anything, and of
    classes that no structure stands for.

    Args:
        source: The samples.
        structures: Number of structures; a single one takes all that is not background.
    """
    problems: list[str] = []
    highest = []
    for index in tqdm(range(len(source)), desc="checking", unit="image", delay=1, leave=False):
        try:
            sample = source[index]
        except InputError as error:
            problems.append(str(error))
            continue
        if "mask" in sample:
            highest.append(int(sample["mask"].max()))
            if 1 < structures < highest[-1]:
                name = source.table["id"].iloc[index]
                expected = f"classes up to {structures}, one a structure"
                problems.append(f"mask of {name}: expected {expected}, got {highest[-1]}")
    if highest and not any(highest):
        problems.append(f"masks: expected some with foreground, got {len(highest)} empty ones")
    return problems
