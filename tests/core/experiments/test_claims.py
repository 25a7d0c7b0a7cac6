import pytest

from core.checks import InputError
from core.experiments import read_experiment
from core.experiments.claims import read_claim

NOISE = "model.network.act.noise"
GIVEN = {"says": "noise helps", "where": "Table 9", "metric": "test/dice"}
HIGHER = {**GIVEN, "higher": {NOISE: 0.1}, "than": {NOISE: 0.0}}
ROWS = [{"net": net, "data": data} for net in ("A", "B", "C") for data in (1, 2)]


def pairs(**keys):
    """Names of the rows on both sides, such as A1-B1."""
    found = read_claim({**GIVEN, **keys}).pairs(ROWS)
    sides = [["".join(f"{row['net']}{row['data']}" for row in rows) for rows in p] for p in found]
    return ["-".join(side) for side in sides]


def test_axes_that_neither_side_names_are_matched():
    assert pairs(higher={"net": "A"}, than={"net": "B"}) == ["A1-B1", "A2-B2"]


def test_a_list_stands_for_each_of_its_values():
    assert pairs(lower={"net": "A", "data": 1}, than={"net": ["B", "C"], "data": 1}) == [
        "A1-B1",
        "A1-C1",
    ]


def test_nothing_named_stands_for_all_other_rows():
    assert pairs(higher={"net": "B", "data": 1}, than={}) == [
        f"B1-{other}" for other in ("A1", "A2", "B2", "C1", "C2")
    ]


def test_pooled_sides_are_compared_as_a_whole():
    keys = {"same": {"net": "A"}, "as": {"net": ["B", "C"]}, "within": 0.1, "pooled": True}
    assert pairs(**keys) == ["A1A2-B1B2C1C2"]


def test_a_list_may_be_a_value_itself():
    rows = [{"machines": ["E7"]}, {"machines": ["E7", "I33"]}]
    claim = read_claim(
        {**GIVEN, "higher": {"machines": ["E7", "I33"]}, "than": {"machines": ["E7"]}}
    )
    assert claim.pairs(rows) == [([rows[1]], [rows[0]])]


def test_a_side_that_is_not_run_gives_no_pairs():
    assert pairs(higher={"net": "D"}, than={"net": "A"}) == []


def test_lower_by_a_factor_multiplies_the_other_side_by_its_inverse():
    claim = read_claim({**GIVEN, "lower": {"net": "A"}, "than": {"net": "B"}, "times": 4})
    assert claim.factor == 0.25


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({}, "one of higher, lower, same, got none"),
        ({"higher": {}, "lower": {}, "than": {}}, "got higher, lower"),
        ({"higher": {}}, "expected also than"),
        ({"same": {}, "as": {}}, "expected also within"),
        ({"higher": {}, "than": {}, "within": 1}, "no within beside 'higher'"),
        ({"same": {}, "as": {}, "within": 1, "times": 2}, "no times beside 'same'"),
        ({"higher": {}, "than": {}, "weher": 1}, "no weher"),
    ],
)
def test_wrong_keys_are_named(keys, message):
    with pytest.raises(InputError, match=message):
        read_claim({**GIVEN, **keys})


def test_an_experiment_is_read_with_its_claims(project, table):
    [claim] = read_experiment(project, table(claims=[HIGHER])).claims
    assert (claim.word, claim.first, claim.second) == ("higher", {NOISE: 0.1}, {NOISE: 0.0})


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"metric": "test/dise"}, "a column, .* did you mean 'test/dice'"),
        ({"higher": {"noise": 0.1}}, "an axis of rows, one of model.network.act.noise, got noise"),
        ({"than": {NOISE: 0.2}}, f"a value of {NOISE}, one of 0.0, 0.1, got 0.2"),
    ],
)
def test_what_an_experiment_has_not_is_named(project, table, keys, message):
    with pytest.raises(InputError, match=f"table9.yaml: claim 'noise helps': expected {message}"):
        read_experiment(project, table(claims=[{**HIGHER, **keys}]))
