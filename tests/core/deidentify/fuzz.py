"""Damaged files with planted identities: `python -m tests.core.deidentify.fuzz 20000` copies so many.

A second number is the first file, if not 0; every thousand damages anew, the same each time.

It stops at the first batch with a leak, a copy that skipped the profile, or a file without outcome.
"""

import contextlib
import io
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
from pydicom import dcmread

from core.cines import open_cine
from core.deidentify.__main__ import main as deidentify
from core.dicom.encode import SYNTAXES
from tests import phi
from tests.core.cines.fuzz import damaged

BATCH = 1000
REMOVED = {row["keyword"] for row in phi.profile() if row["copy"] == "removed"} - {""}


def seeds(folder):
    """Return the contents of a still with hundreds of identities in every syntax."""
    contents = []
    for number, syntax in enumerate(SYNTAXES):
        path = folder / f"{syntax}.dcm"
        pixels = phi.cine(1, seed=number)
        phi.planted(path, pixels, syntax, patient=f"{phi.STEM}-{number}", seed=number)
        contents.append(path.read_bytes())
    return contents


def batch(folder, contents, count, rng):
    """Copy `count` damaged files and check everything; returns what became of them."""
    source, output = folder / f"{phi.STEM}_in", folder / "out"
    source.mkdir()
    for number in range(count):
        content = damaged(contents[number % len(contents)], rng)
        (source / f"{phi.STEM}{number:04}.dcm").write_bytes(content)
    said = io.StringIO()
    args = ["--input", source, "--output", output, "--key", folder / "key"]
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = deidentify([str(arg) for arg in args])
    assert code == 0, said.getvalue()
    assert not any(word in said.getvalue() for word in phi.WORDS)
    assert (found := phi.leaks(output)) == [], found
    table = pd.read_csv(output / "files.csv", keep_default_na=False)
    copies = [output / file for file in table["file"] if file]
    assert len(table) == count
    assert sorted(copies) == sorted(output.rglob("*.dcm"))
    moved = sum(not checked(copy) for copy in copies)
    return Counter(table["outcome"]) + Counter({"region moved by damage": moved})


def checked(path):
    """Check a copy by the standard's table; returns whether its regions are still where they were."""
    copy = dcmread(path)
    elements = list(copy.iterall())
    assert not any(element.tag.is_private for element in elements), path
    assert not {element.keyword for element in elements} & REMOVED, path
    assert copy.PatientIdentityRemoved == "YES"
    x0, y0, x1, y1 = phi.REGION
    with open_cine(path) as cine:
        frame = cine[0].copy()
    frame[y0 : y1 + 1, x0 : x1 + 1] = 0
    return not frame.any()


def main(count, begin=0):
    became, start = Counter(), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        contents = seeds(Path(folder))
    for first in range(begin, begin + count, BATCH):
        rng = np.random.default_rng(first)
        with tempfile.TemporaryDirectory() as folder:
            became += batch(Path(folder), contents, min(BATCH, begin + count - first), rng)
        done = min(first - begin + BATCH, count)
        sys.stdout.write(f"{done} of {count}, {time.monotonic() - start:.0f} s: {dict(became)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
