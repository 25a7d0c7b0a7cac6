import numpy as np
import pandas as pd
import pytest

from core.experiments.claims import read_claim
from core.experiments.evidence import Evidence
from core.experiments.spec import Done
from core.statistics import compare_runs, run_scatter

SPREAD = {"calm": 0.001, "loud": 0.1}
CLAIM = read_claim(
    {"says": "", "where": "", "metric": "test/auc", "higher": {"net": "A"}, "than": {"net": "B"}}
)


@pytest.fixture
def values():
    """Of two trainings of four networks, which scatter more on one dataset than on the other."""
    rng = np.random.default_rng(0)
    return {
        (data, net, seed): float(0.5 + rng.normal(0, spread))
        for data, spread in SPREAD.items()
        for net in "ABCD"
        for seed in range(2)
    }


@pytest.fixture
def evidence(values, tmp_path, write_run):
    return Evidence(
        [
            Done(
                row={"data": data, "net": net},
                repeat={"seed_everything": seed},
                run=write_run(tmp_path / f"{data}{net}{seed}", {"test/auc": value}),
            )
            for (data, net, seed), value in values.items()
        ]
    )


@pytest.mark.parametrize("data", SPREAD)
def test_few_trainings_of_two_rows_borrow_the_scatter_of_their_dataset(evidence, values, data):
    table = pd.Series(values).loc[data].unstack()
    expected = compare_runs(table.loc["A"], table.loc["B"], run_scatter(table, shared=False))
    pair = tuple([{"data": data, "net": net}] for net in "AB")
    assert evidence.compare(CLAIM, pair).p_runs == pytest.approx(expected.p_runs)


def test_rows_of_different_datasets_borrow_that_of_all(evidence, values):
    table = pd.Series(values).unstack()
    sides = table.loc[("calm", "A")], table.loc[("loud", "B")]
    expected = compare_runs(*sides, run_scatter(table, shared=False))
    pair = [{"data": "calm", "net": "A"}], [{"data": "loud", "net": "B"}]
    assert evidence.compare(CLAIM, pair).p_runs == pytest.approx(expected.p_runs)
