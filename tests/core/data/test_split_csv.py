import numpy as np
import pandas as pd
import pytest

from core.checks import InputError
from core.data.split_csv import keep_split, read_split, write_split


@pytest.fixture
def table():
    return pd.DataFrame({"id": ["a,1", "b", "ç", "d", "e"], "subject": ["1", "1", "02", "3", "3"]})


@pytest.fixture
def written(tmp_path, table):
    stages = {"train": np.array([0, 3]), "val": np.array([4]), "test": np.array([1])}
    write_split(tmp_path / "split.csv", table, stages)
    return tmp_path / "split.csv"


def test_file_holds_one_line_an_image(written):
    assert written.read_text(encoding="utf-8").splitlines() == [
        "index,id,subject,stage",
        '0,"a,1",1,train',
        "1,b,1,test",
        "3,d,3,train",
        "4,e,3,val",
    ]


def test_split_is_read_as_it_was_written(written, table):
    stages = read_split(written, table)
    assert {stage: rows.tolist() for stage, rows in stages.items()} == {
        "train": [0, 3],
        "val": [4],
        "test": [1],
    }


def test_stage_without_images_stays_one(tmp_path, table):
    empty = np.array([], np.int64)
    write_split(tmp_path / "s.csv", table, {"train": np.array([0]), "val": empty, "test": empty})
    assert [len(rows) for rows in read_split(tmp_path / "s.csv", table).values()] == [1, 0, 0]


@pytest.mark.parametrize(
    ("row", "column", "value", "message"),
    [
        (3, "id", "x", "expected image x of subject 3 in row 3, got d of subject 3"),
        (1, "subject", "2", "expected image b of subject 2 in row 1, got b of subject 1"),
    ],
)
def test_split_of_other_data_is_refused(written, table, row, column, value, message):
    table.loc[row, column] = value
    with pytest.raises(InputError, match=rf"split\.csv: {message}"):
        read_split(written, table)


def test_split_of_more_data_is_refused(written, table):
    with pytest.raises(InputError, match="expected rows 0 to 2, got row 4"):
        read_split(written, table.iloc[:3])


@pytest.mark.parametrize(
    "content", ["", "index,id\n0,a\n", "index,id,subject,stage\nx,a,1,train\n"]
)
def test_file_that_is_no_split_is_refused(tmp_path, table, content):
    (tmp_path / "split.csv").write_text(content)
    with pytest.raises(InputError, match=r"split\.csv: expected columns index, id, subject, stage"):
        read_split(tmp_path / "split.csv", table)


def test_missing_file_is_named(tmp_path, table):
    with pytest.raises(InputError, match=r"split\.csv: expected the split of a run"):
        read_split(tmp_path / "split.csv", table)


def test_a_run_that_goes_on_keeps_its_split(written, table):
    keep_split(written, table, read_split(written, table))
    assert len(written.read_text().splitlines()) == 5


def test_a_run_that_goes_on_with_another_split_is_refused(written, table):
    stages = {"train": np.array([0]), "val": np.array([3, 4]), "test": np.array([1])}
    with pytest.raises(
        InputError, match="the split that the run began with, got another train, val"
    ):
        keep_split(written, table, stages)
