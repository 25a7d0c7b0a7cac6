"""What is written of the pairs that a training is given."""

import json

import numpy as np
import pytest
from PIL import Image

from core.callbacks import NoisePairs
from core.checks import InputError
from tests.core.tasks.annotations import fitted, task

VIEWS = ("noisy", "target", "clean", "mask")


@pytest.fixture
def written(tmp_path):
    """Folder and data of a training that wrote two pairs and measured nine."""
    trainer = fitted(tmp_path, task, NoisePairs(shown=2, measured=9), epochs=1)
    return tmp_path, trainer.datamodule


def view(folder, number, name):
    return np.asarray(Image.open(folder / "pairs" / f"{number}-{name}.png"))


def test_pairs_are_those_of_the_training(written):
    folder, data = written
    for number in range(2):
        row = int(data.stages["train"][number])
        clean, noisy, target = data.training_set().pair(row)
        for name, expected in zip(VIEWS[:3], (noisy.image, target.image, clean), strict=True):
            np.testing.assert_array_equal(view(folder, number, name), expected)
        np.testing.assert_array_equal(view(folder, number, "mask") > 0, noisy.mask > 0)
    assert len(list((folder / "pairs").glob("*.png"))) == 2 * len(VIEWS)


def test_the_mean_of_the_noise_is_that_of_the_pairs(written):
    folder, data = written
    rows, dataset = data.stages["train"], data.training_set()
    added, changed = [], []
    for number in range(9):
        copy, place = divmod(number, len(rows))
        clean, noisy, _ = dataset.pair(int(rows[place]), copy)
        added.append(noisy.image.astype(int) - clean)
        changed.append((noisy.image != clean).any(-1))
    facts = json.loads((folder / "pairs.json").read_text())
    added, changed = np.array(added), np.array(changed)
    np.testing.assert_allclose(facts["mean_noise"], added.mean((0, 1, 2)))
    np.testing.assert_allclose(facts["mean_noise_changed"], added[changed].mean(0))
    assert facts["share_changed"] == pytest.approx(changed.mean())
    assert facts["pairs"] == 9


def test_more_pairs_shown_than_measured_are_refused():
    with pytest.raises(InputError, match="shown"):
        NoisePairs(shown=5, measured=4)
