import contextlib
import io
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest

from core.deidentify.__main__ import main
from core.deidentify.copying import Settings
from core.deidentify.key import Key
from core.deidentify.machines import Machines


class Run(NamedTuple):
    """A de-identification: exit code, what it said, and its files."""

    code: int
    said: str
    output: Path

    @property
    def table(self):
        return pd.read_csv(self.output / "files.csv", keep_default_na=False)

    @property
    def copies(self):
        return sorted(self.output.rglob("*.dcm"))


@pytest.fixture
def settings():
    return Settings(key=Key(b"k" * 32), machines=Machines())


@pytest.fixture
def deidentify(tmp_path):
    """Call the command with a key and an output of the test's own."""

    def call(*options, source=tmp_path / "in", output=tmp_path / "out", key=tmp_path / "k" / "key"):
        said = io.StringIO()
        args = ["--input", source, "--output", output, "--key", key, *options]
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            code = main([str(arg) for arg in args])
        return Run(code, said.getvalue(), output)

    return call
