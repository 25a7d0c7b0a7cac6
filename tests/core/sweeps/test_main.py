import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from core.sweeps.__main__ import main
from tests.core.sweeps.conftest import Scan, text, write


@pytest.fixture
def calibration(tmp_path, scan):
    path = tmp_path / "c.yaml"
    path.write_text(f"ImageToProbe: {text(scan.image_to_probe)}")
    return str(path)


def complaint(capsys, *args):
    """What the command says, in its one line, when it refuses."""
    assert main([str(arg) for arg in args]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    return err


def shown(folder):
    with Image.open(folder / "projection.png") as image:
        return np.asarray(image)


def test_a_sweep_becomes_an_image_with_its_record(tmp_path, scan, calibration, capsys):
    sweep, folder = scan.save(tmp_path / "s.mha"), tmp_path / "out"
    args = [str(sweep), "--output", str(folder), "--calibration", calibration]
    assert main([*args, "--slab_mm", "10", "25"]) == 0
    assert "49 x 80 pixels, 24.5 x 40.0 mm, 100% covered" in capsys.readouterr().out
    image = shown(folder)
    # the ball: x 5 mm is column 50, y 12 mm is row 24
    np.testing.assert_allclose(np.argwhere(image > 110).mean(axis=0), (24, 50), atol=0.3)
    record = json.loads((folder / "projection.json").read_text())
    assert record["input"] == "s.mha"
    assert record["frames"] == {"in_file": 49, "used": 49}
    assert record["route"] == ["Image", "Probe", "Tracker"]
    assert record["size_mm"] == [24.5, 40.0]
    assert main([*args, "--slab_mm", "1", "9"]) == 0
    assert shown(folder).max() == 20  # above the ball


def test_rows_and_columns_can_be_swapped(tmp_path, scan, calibration):
    sweep = str(scan.save(tmp_path / "s.mha"))
    args = [sweep, "--calibration", calibration, "--output"]
    assert main([*args, str(tmp_path / "a")]) == 0
    assert main([*args, str(tmp_path / "b"), "--flip_rows", "--flip_columns"]) == 0
    np.testing.assert_array_equal(shown(tmp_path / "b"), shown(tmp_path / "a")[::-1, ::-1])


def test_a_canvas_keeps_the_scale_of_a_piece(tmp_path, scan, calibration, capsys):
    sweep = str(scan.save(tmp_path / "s.mha"))
    args = [sweep, "--calibration", calibration, "--output"]
    assert main([*args, str(tmp_path / "a")]) == 0
    capsys.readouterr()
    assert main([*args, str(tmp_path / "b"), "--canvas_mm", "100", "60"]) == 0
    said = capsys.readouterr().out
    assert "200 x 120 pixels, 100.0 x 60.0 mm, of which the projection in the middle is" in said
    piece, canvas = shown(tmp_path / "a"), shown(tmp_path / "b")
    np.testing.assert_array_equal(canvas[75:124, 20:100], piece)
    assert canvas.sum() == piece.sum()
    record = json.loads((tmp_path / "b" / "projection.json").read_text())
    assert record["margins"] == {"rows": [75, 76], "columns": [20, 20]}
    assert record["canvas_mm"] == record["size_mm"] == [100, 60]
    assert record["size"] == [200, 120]
    assert record["covered"] == 1


def test_a_stored_volume_is_projected_too(tmp_path, capsys):
    values = np.zeros((40, 5, 6), np.uint8)
    values[20] = 77
    path = write(tmp_path / "v.mha", values, ElementSpacing="0.5 0.25 1")
    assert main([str(path), "--output", str(tmp_path), "--depth_axis", "z"]) == 0
    assert "5 x 6 pixels, 1.2 x 3.0 mm, 100% covered" in capsys.readouterr().out
    assert np.unique(shown(tmp_path)).tolist() == [77]


def test_input_that_is_wrong_gets_one_line_and_leaves_nothing(tmp_path, scan, calibration, capsys):
    sweep, folder = scan.save(tmp_path / "s.mha"), tmp_path / "out"
    known = ("--output", folder, "--calibration", calibration)
    assert "No such file" in complaint(capsys, tmp_path / "no.mha", *known)
    assert "got ProbeToTracker" in complaint(capsys, sweep, "--output", folder)
    assert "volume's 0.0 to 29.5 mm" in complaint(capsys, sweep, *known, "--slab_mm", 60, 90)
    assert "spacing_mm" in complaint(capsys, sweep, *known, "--spacing_mm", 0.01)
    words = complaint(capsys, sweep, *known, "--canvas_mm", 20, 60)
    assert "canvas_mm: expected at least the projection's 24.5 x 40.0 mm, got 20 x 60 mm" in words
    assert "no --depth_axis for a sweep" in complaint(capsys, sweep, *known, "--depth_axis", "z")
    sweep.write_bytes(sweep.read_bytes()[:-100])
    assert "bytes of values" in complaint(capsys, sweep, *known)
    assert not folder.exists()


def test_options_that_are_wrong_get_one_line(tmp_path, scan, capsys):
    sweep = scan.save(tmp_path / "s.mha")
    assert "required: --output" in complaint(capsys, sweep)
    assert "--mode: invalid choice" in complaint(capsys, sweep, "--output", "o", "--mode", "x")
    words = complaint(capsys, sweep, "--output", "o", "--slab_mm", "nan", 4)
    assert "--slab_mm: expected a finite number, got nan" in words
    volume = write(tmp_path / "v.mha", scan.frames)
    assert "depth_axis: expected x, y or z" in complaint(capsys, volume, "--output", "o")
    words = complaint(capsys, volume, "--output", "o", "--spacing_mm", 1)
    assert "no --spacing_mm for a volume" in words


def test_a_folder_that_cannot_be_written_is_another_kind_of_failure(tmp_path, calibration, capsys):
    sweep = Scan(count=3).save(tmp_path / "s.mha")
    args = [str(sweep), "--calibration", calibration, "--output", f"{sweep}/out"]
    assert main(args) == 1
    assert "error: cannot write" in capsys.readouterr().err


def test_the_command_starts_without_the_heavy_packages():
    code = "import sys, core.sweeps.__main__; print({'torch', 'cv2', 'pandas', 'scipy'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
