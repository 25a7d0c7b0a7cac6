import pandas as pd
import pytest

from core.checks import InputError
from core.data.select import group_names, selected_rows

TABLE = pd.DataFrame(
    {
        "device": ["A", "B", "A", "B"],
        "region": ["wrist", "wrist", "arm", "wrist"],
        "level": [1, 2, 1, 3],
    }
)


@pytest.mark.parametrize(
    ("select", "rows"),
    [
        ({}, [0, 1, 2, 3]),
        ({"device": "A"}, [0, 2]),
        ({"device": "B", "region": "wrist"}, [1, 3]),
        ({"region": ["wrist", "arm"]}, [0, 1, 2, 3]),
        ({"level": "2"}, [1]),
    ],
)
def test_rows_hold_the_wanted_values(select, rows):
    assert selected_rows(TABLE, select).tolist() == rows


def test_a_misspelt_column_names_the_nearest():
    with pytest.raises(InputError, match=r"data.select: expected a column .*did you mean 'device'"):
        selected_rows(TABLE, {"devise": "A"})


def test_a_value_that_occurs_nowhere_is_refused():
    expected = r"data.select.region: expected one of arm, wrist, did you mean 'wrist'\?, got wrst"
    with pytest.raises(InputError, match=expected):
        selected_rows(TABLE, {"region": "wrst"})


def test_values_that_no_row_has_together_are_refused():
    with pytest.raises(InputError, match="some row has together, got device B, region arm"):
        selected_rows(TABLE, {"device": "B", "region": "arm"})


def test_groups_are_named_by_their_values():
    assert group_names(TABLE, ["device", "region"]) == [
        "A, wrist",
        "B, wrist",
        "A, arm",
        "B, wrist",
    ]


def test_without_columns_there_are_no_groups():
    assert group_names(TABLE, []) == []
