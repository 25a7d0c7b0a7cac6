import csv

import numpy as np
import pydicom
import pytest

from core.cines import open_cine
from core.cines.simulate import COLUMNS, main
from core.phantoms.heart import VIEWS, HeartScene

OPTIONS = ["--patients", "1", "--frames", "3", "--scale", "0.2", "--seed", "4"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("cines") / "new"
    assert main(["--output", str(path), *OPTIONS, "--syntax", "rle"]) == 0
    return path


@pytest.fixture(scope="module")
def rows(folder):
    with (folder / "labels.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def scene():
    return HeartScene(patients=1, frames=3, scale=0.2, seed=4)


def test_table_has_a_row_for_every_cine(folder, rows):
    assert tuple(rows[0]) == COLUMNS
    assert [row["view"] for row in rows] == list(VIEWS)
    assert {(row["first_frame"], row["last_frame"]) for row in rows} == {("0", "2")}
    assert all((folder / row["cine"]).is_file() for row in rows)


def test_no_file_name_tells_the_view_or_the_patient(folder, rows, scene):
    names = " ".join(row["cine"] for row in rows)
    assert not any(view in names for view in VIEWS)
    assert scene.cine(0).person.number not in names


def test_frames_are_those_of_the_scene(folder, rows, scene):
    with open_cine(folder / rows[6]["cine"]) as cine:
        assert (np.stack(list(cine)) == scene.cine(6).frames).all()


def test_header_states_time_place_and_scale(folder, rows, scene):
    drawn = scene.cine(4)
    with open_cine(folder / rows[4]["cine"]) as cine:
        assert cine.fps == pytest.approx(drawn.fps)
        assert cine.spacing.row_mm == pytest.approx(drawn.spacing_mm)
        assert cine.regions[0][:4] == drawn.region
        assert f"{cine.maker} {cine.model}" == rows[4]["device"] == "Sonolab Phantom E7"
        assert cine.subject == rows[4]["subject"]


def test_identity_stands_in_the_header_in_text_and_in_private(folder, rows, scene):
    dataset, name = pydicom.dcmread(folder / rows[0]["cine"]), scene.cine(0).patient_name
    assert dataset.PatientName == name
    assert name in dataset.StudyDescription
    assert name in dataset.private_block(0x200D, "SONOLAB PHANTOM 01")[1].value


def test_images_of_a_patient_share_their_study_and_nothing_else(folder, rows):
    files = [pydicom.dcmread(folder / row["cine"], stop_before_pixels=True) for row in rows]
    assert len({file.StudyInstanceUID for file in files}) == 1
    assert len({file.SOPInstanceUID for file in files}) == len(files)
    assert all(file.SOPInstanceUID.is_valid for file in files)


def test_runs_repeat(folder, rows, tmp_path):
    assert main(["--output", str(tmp_path / "again"), *OPTIONS, "--syntax", "rle"]) == 0
    for row in rows:
        assert (tmp_path / "again" / row["cine"]).read_bytes() == (
            folder / row["cine"]
        ).read_bytes()


@pytest.mark.parametrize("syntax", ["jpeg", "explicit", "big_endian", "deflated", "jpeg_ls"])
def test_syntaxes(syntax, tmp_path, scene):
    small = ["--patients", "1", "--frames", "1", "--scale", "0.2", "--seed", "4"]
    assert main(["--output", str(tmp_path / "out"), *small, "--syntax", syntax]) == 0
    with open_cine(tmp_path / "out/000/IM_0003.dcm") as cine:
        difference = np.abs(cine[0].astype(int) - scene.cine(3).frame(0))
    assert difference.mean() < (3 if syntax == "jpeg" else 1e-9)


def test_a_folder_with_something_in_it_is_refused(tmp_path, capsys):
    (tmp_path / "there").write_text("")
    assert main(["--output", str(tmp_path), *OPTIONS]) == 2
    assert "--output: expected a new or empty folder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


@pytest.mark.parametrize("wrong", [["--patients", "0"], ["--syntax", "gif"], ["--scale", "9"]])
def test_wrong_options_are_refused_in_one_line(wrong, tmp_path, capsys):
    assert main(["--output", str(tmp_path / "new"), *wrong]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert not (tmp_path / "new").exists()
