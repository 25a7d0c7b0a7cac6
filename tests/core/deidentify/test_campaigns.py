"""Many files, long files, and runs that are cut off."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

from core.dicom.encode import SYNTAXES
from tests import phi
from tests.core.deidentify import fuzz
from tests.core.deidentify.test_main import plant, write_plain
from tests.core.deidentify.test_text import burn, sector

pytestmark = pytest.mark.slow


def test_a_hundred_files_in_nine_syntaxes(deidentify, tmp_path):
    counts = plant(tmp_path / "in", files=900, syntaxes=list(SYNTAXES), patients=100)
    run = deidentify()
    assert "900 files: 900 written" in run.said
    assert min(counts) >= 380
    assert phi.leaks(run.output) == []


def test_damaged_files_leak_nothing_and_none_is_lost(tmp_path):
    became = fuzz.batch(tmp_path, fuzz.seeds(tmp_path), 500, np.random.default_rng(1))
    assert became["written"] + became["review"] + became["quarantined"] == 500
    assert min(became["written"], became["quarantined"]) > 50


def test_a_name_in_one_frame_of_300_sends_the_file_to_review(deidentify, tmp_path):
    pixels = np.stack(list(sector(300)))
    for name in ("1 plain", "2 named"):
        if name == "2 named":
            burn(pixels[211], "JANSSON EVA", (90, 120))
        frames = pixels if name == "2 named" else pixels[:30]
        ds = phi.dataset(frames, SequenceOfUltrasoundRegions=[phi.region((0, 16, 319, 239))])
        phi.write(tmp_path / "in" / f"{name}.dcm", ds)
    run = deidentify("--ocr")
    [private] = (tmp_path / "k").glob("key.*.originals.csv")
    original = pd.read_csv(private).set_index("id")["original"]
    named = run.table["id"].map(original).map(os.path.basename)
    reasons = run.table["reason"].set_axis(named)
    assert reasons.to_dict() == {"1 plain.dcm": "", "2 named.dcm": "text in frame 211"}


def test_killed_at_any_time_it_goes_on_to_the_same_copies(deidentify, tmp_path):
    write_plain(tmp_path / "in", files=40)
    whole = deidentify()
    expected = {path.name: path.read_bytes() for path in whole.copies}
    command = [sys.executable, "-m", "core.deidentify", "--input", str(tmp_path / "in")]
    command += ["--output", str(tmp_path / "cut"), "--key", str(tmp_path / "k" / "key")]
    rng = np.random.default_rng(1)
    for _ in range(8):
        process = subprocess.Popen(command, env=os.environ | {"PYTHONPATH": "."})
        time.sleep(float(rng.uniform(0.6, 3)))
        process.send_signal(signal.SIGKILL)
        process.wait()
        for path in (tmp_path / "cut").rglob("*.dcm"):
            if not path.name.startswith("."):
                assert path.read_bytes() == expected[path.name]
    assert subprocess.run(command, env=os.environ | {"PYTHONPATH": "."}).returncode == 0
    assert {p.name: p.read_bytes() for p in (tmp_path / "cut").rglob("*.dcm")} == expected
