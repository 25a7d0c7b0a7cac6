"""Images that are in a source more than once, pixel for pixel."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.data.digests import image_digest
from core.data.sources.base import Source


def find_duplicates(source: Source) -> pd.DataFrame:
    """Return one line for each image that equals an earlier one.

    A cached source knows at once, and leaves blank images out; any other is read through.

    Returns:
        Columns index_a (the first of its kind), index_b, id_a, id_b, subject_a, subject_b.
    """
    table = source.table
    if "image_digest" in table:
        digests = table["image_digest"]
    else:
        digests = pd.Series([image_digest(sample["image"]) for sample in source])
    first = digests.groupby(digests).transform(lambda rows: rows.index[0]).to_numpy(np.int64)
    later = np.flatnonzero(digests.duplicated() & (digests != ""))
    pairs = {"index_a": first[later], "index_b": later}
    for name in ("id", "subject"):
        for side in ("a", "b"):
            pairs[f"{name}_{side}"] = table[name].to_numpy()[pairs[f"index_{side}"]]
    return pd.DataFrame(pairs)
