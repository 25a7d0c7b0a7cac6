"""Summaries of a classifier, held against scikit-learn and cases worked by hand."""

import numpy as np
import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from sklearn import metrics as sklearn_metrics

from core.checks import InputError
from core.metrics.classification import ClassTable, confusion

CLASSES = ("A2C", "A3C", "A4C", "PLAX")


def samples(count=200, occurring=range(4), seed=0):
    """Probabilities that lean to the truth, truths and falling indices; some scores are tied."""
    rng = np.random.default_rng(seed)
    truths = rng.choice(list(occurring), count)
    raw = rng.random((count, len(CLASSES))) + 0.6 * np.eye(len(CLASSES))[truths]
    probabilities = np.round(raw / raw.sum(axis=1, keepdims=True), 2)
    return torch.tensor(probabilities), torch.tensor(truths), torch.arange(count + 50, 50, -1)


def table_of(batch, **options):
    table = ClassTable(CLASSES)
    table.update(*batch, **options)
    return table


def test_summary_is_scikit_learns():
    probabilities, truths, _ = batch = samples()
    given, truth = probabilities.numpy(), truths.numpy()
    predicted = given.argmax(axis=1)
    summary = table_of(batch).compute()
    each = {"average": None, "zero_division": 0}
    precision = sklearn_metrics.precision_score(truth, predicted, **each)
    recall = sklearn_metrics.recall_score(truth, predicted, **each)
    areas = [sklearn_metrics.roc_auc_score(truth == k, given[:, k]) for k in range(4)]
    expected = {"accuracy": sklearn_metrics.accuracy_score(truth, predicted)}
    for name, values in (("precision", precision), ("recall", recall), ("auc", areas)):
        expected |= {f"{of}/{name}": value for of, value in zip(CLASSES, values, strict=True)}
        expected[name] = np.mean(values)
    assert {name: value.item() for name, value in summary.items()} == pytest.approx(expected)


def test_macro_means_are_scikit_learns_where_a_class_is_never_predicted():
    probabilities, truths, index = samples()
    probabilities[:, 1] = 0
    macro = {"average": "macro", "zero_division": 0}
    predicted = probabilities.argmax(1)
    summary = table_of((probabilities, truths, index)).compute()
    for name, score in (
        ("precision", sklearn_metrics.precision_score),
        ("recall", sklearn_metrics.recall_score),
    ):
        assert summary[name].item() == pytest.approx(score(truths, predicted, **macro))
    assert summary["A3C/precision"] == 0


def test_classes_without_samples_stay_out_of_the_means():
    probabilities, truths, index = samples(occurring=(0, 2))
    summary = table_of((probabilities, truths, index)).compute()
    for name in ("precision", "recall"):
        own = torch.stack([summary[f"{of}/{name}"] for of in ("A2C", "A4C")])
        assert summary[name].item() == pytest.approx(own.mean().item())
    assert summary["A3C/precision"] == 0  # predicted, always wrongly
    assert summary["A3C/recall"].isnan()
    assert summary["A3C/auc"].isnan()
    assert not summary["auc"].isnan()


def test_confusion_is_scikit_learns_with_the_truth_in_rows():
    rng = np.random.default_rng(1)
    truth, predicted = rng.integers(0, 4, (2, 300))
    expected = sklearn_metrics.confusion_matrix(truth, predicted, labels=range(4))
    np.testing.assert_array_equal(confusion(truth, predicted, 4), expected)
    assert confusion(np.array([0]), np.array([2]), 4)[0, 2] == 1


def test_rows_hold_names_by_rising_index():
    given = torch.tensor([[0.1, 0.2, 0.6, 0.1], [0.5, 0.5, 0.0, 0.0]])
    rows = table_of((given, torch.tensor([2, 1]), torch.tensor([9, 4]))).rows()
    assert list(rows) == [
        *("index", "truth", "predicted", "correct", "confidence"),
        *("p/A2C", "p/A3C", "p/A4C", "p/PLAX"),
    ]
    assert rows["index"].tolist() == [4, 9]
    assert rows["truth"].tolist() == ["A3C", "A4C"]
    assert rows["predicted"].tolist() == ["A2C", "A4C"]  # of equal ones the first
    assert rows["correct"].tolist() == [0, 1]
    assert rows["confidence"] == pytest.approx([0.5, 0.6])


def test_copies_of_a_sample_count_once():
    batch = samples(20)
    table = table_of(batch, features=torch.arange(40.0).reshape(20, 2))
    table.update(*(part[:7] for part in batch), features=torch.full((7, 2), -1.0))
    alone = table_of(batch, features=torch.arange(40.0).reshape(20, 2))
    assert table.compute() == alone.compute()
    np.testing.assert_array_equal(table.features(), alone.features())


def test_features_come_in_the_order_of_the_rows():
    batch = samples(5)
    table = table_of([part[:3] for part in batch], features=torch.tensor([[5.0], [4.0], [3.0]]))
    table.update(*(part[3:] for part in batch), features=torch.tensor([[2.0], [1.0]]))
    assert table.features().tolist() == [[1], [2], [3], [4], [5]]
    assert table.features().dtype == np.float32


def test_without_features_there_are_none():
    assert table_of(samples(5)).features().shape == (5, 0)


@pytest.mark.filterwarnings("ignore:The ``compute`` method")
def test_without_samples_all_is_undefined():
    table = ClassTable(CLASSES)
    assert all(value.isnan() for value in table.compute().values())
    assert table.features().shape == (0, 0)
    assert len(table.rows()["index"]) == 0


def test_reset_forgets_the_samples():
    table = table_of(samples(5))
    table.reset()
    assert len(table.rows()["index"]) == 0


def test_lower_precision_of_the_model_leaves_the_rows_exact():
    table = table_of(samples())
    torch.nn.ModuleDict({"table": table}).to(torch.bfloat16)
    np.testing.assert_array_equal(table.rows()["p/A2C"], table_of(samples()).rows()["p/A2C"])


@pytest.mark.parametrize(
    ("place", "wrong", "words"),
    [
        (0, torch.full((5, 3), 0.2), r"probabilities: expected floating point, shape \(B, 4\)"),
        (0, torch.full((5, 4), 1.2), r"probabilities: expected values in 0\.\.1"),
        (0, torch.full((5, 4), torch.nan), r"probabilities: expected values in 0\.\.1"),
        (1, torch.full((5,), 4), r"truths: expected 0\.\.3"),
        (1, torch.zeros(5), r"truths: expected integers, shape \(5,\)"),
        (2, torch.arange(4), r"index: expected integers, shape \(5,\)"),
    ],
)
def test_what_cannot_be_counted_is_refused(place, wrong, words):
    batch = list(samples(5))
    batch[place] = wrong
    with pytest.raises(InputError, match=words):
        table_of(batch)


def test_classes_of_one_name_are_refused():
    with pytest.raises(InputError, match="classes: expected two different names or more"):
        ClassTable(("A2C", "A2C"))


SHARES = ([[*range(30)], [*range(28, 60)]], [[], [*range(60)]])  # overlapping, and one without any


def run_rank(rank, folder):
    store = dist.FileStore(f"{folder}/store", 2)
    dist.init_process_group("gloo", store=store, rank=rank, world_size=2)
    results = []
    for share in SHARES:
        table, (probabilities, truths, index) = ClassTable(CLASSES), samples(60)
        for i in share[rank]:
            chosen = slice(i, i + 1)
            features = probabilities[chosen].float()
            table.update(probabilities[chosen], truths[chosen], index[chosen], features)
        results.append((table.compute(), table.rows(), table.features()))
    torch.save(results, f"{folder}/{rank}.pt")
    dist.destroy_process_group()


@pytest.mark.slow
def test_two_processes_give_what_one_gives(tmp_path):
    mp.spawn(run_rank, args=(tmp_path,), nprocs=2)
    alone = table_of(samples(60), features=samples(60)[0].float())
    for rank in range(2):
        for summary, rows, features in torch.load(tmp_path / f"{rank}.pt", weights_only=False):
            assert summary == alone.compute()
            for name, values in alone.rows().items():
                np.testing.assert_array_equal(rows[name], values)
            np.testing.assert_array_equal(features, alone.features())
