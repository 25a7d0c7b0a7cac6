import numpy as np
import pandas as pd

from core.cines.__main__ import COLUMNS, main
from tests.dicoms import write_dicom

GREY = np.random.default_rng(0).integers(0, 256, (3, 20, 30), dtype=np.uint8)


def test_a_line_and_a_row_of_each_file(tmp_path, capsys):
    (tmp_path / "in").mkdir()
    write_dicom(tmp_path / "in" / "a.dcm", GREY, NumberOfFrames=3, FrameTime=40)
    (tmp_path / "in" / "b.dcm").write_text("torn")
    write_dicom(tmp_path / "in" / "c.dcm", GREY, NumberOfFrames=-1)
    assert main([str(tmp_path / "in"), "--csv", str(tmp_path / "t.csv")]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0].split() == ["file", "frames", "size", "fps", "mm", "reg", "machine"]
    assert out[1].split() == ["a.dcm", "3", "20x30", "grey", "25", "-", "0", "-"]
    assert out[2].split(maxsplit=1)[1].startswith("not read: expected a whole, readable DICOM file")
    assert out[-2].split(maxsplit=1) == ["c.dcm", "not read: expected 1 frame or more, got -1"]
    assert out[-1] == "1 of 3 files are read as cines"
    table = pd.read_csv(tmp_path / "t.csv")
    assert list(table.columns) == list(COLUMNS)
    assert table["frames"][0] == 3
    assert table["reason"].notna().tolist() == [False, True, True]


def test_no_line_is_longer_than_100_characters(tmp_path, capsys):
    maker, model = "A Maker Of Ultrasound Machines", "Model 7 Mark II"
    machine = {"Manufacturer": maker, "ManufacturerModelName": model}
    write_dicom(tmp_path / f"{'long' * 20}_7.dcm", GREY[0], **machine)
    (tmp_path / f"{'long' * 20}_8.dcm").write_text("torn")
    main([str(tmp_path)])
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 100
    assert "_7.dcm " in lines[1]
    assert lines[1].endswith("… Model 7 Mark II")


def test_nothing_of_the_person_is_said(tmp_path, capsys):
    write_dicom(tmp_path / "a.dcm", GREY[0])
    main([str(tmp_path), "--csv", str(tmp_path / "t.csv")])
    said = capsys.readouterr()
    assert "CANARY" not in (said.out + said.err + (tmp_path / "t.csv").read_text()).upper()


def test_exit_codes(tmp_path, capsys):
    assert main([str(tmp_path / "none")]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: ")
    assert main([str(tmp_path)]) == 2
    expected = "expected a folder of cines, got one without any"
    assert capsys.readouterr() == ("", f"error: {tmp_path}: {expected}\n")
    (tmp_path / "a.dcm").write_text("torn")
    assert main([str(tmp_path)]) == 1
