import numpy as np
import pytest
import torch
from PIL import Image

from core.checks import InputError
from core.cli.load import load_task
from core.data.dataset import GridDataset
from core.data.loader import SampleKey
from core.data.sources.phantom import NervePhantom
from core.grids import Grid, restore
from core.layers import NoisyHardSigmoid


@pytest.fixture(scope="module")
def checkpoint(trained):
    return trained / "checkpoints" / "best.ckpt"


def test_checkpoint_holds_plain_data_only(checkpoint):
    content = torch.load(checkpoint, weights_only=True)
    assert content["sonolab"].keys() == {"project", "config", "method"}


def test_network_is_rebuilt_from_the_checkpoint_alone(checkpoint):
    task = load_task(checkpoint)
    assert not task.training
    assert any(isinstance(layer, NoisyHardSigmoid) for layer in task.modules())
    stored = torch.load(checkpoint, weights_only=True)["state_dict"]
    assert all(torch.equal(value, stored[name]) for name, value in task.state_dict().items())


def test_loaded_task_gives_the_masks_that_the_run_wrote(checkpoint, trained):
    task = load_task(checkpoint)
    source = NervePhantom(subjects=5, frames=3, size=(40, 56), wrong_labels=0.03, seed=0)
    dataset = GridDataset(source, grid=Grid(size=(32, 48)))
    written = sorted((trained / "predictions").glob("*.png"))
    assert written
    for path in written:
        sample = dataset[SampleKey(int(path.stem), 0, False)]
        with torch.no_grad():
            logits, _ = task(sample["image"][None])
        score = restore(logits[0, 0].sigmoid().numpy(), sample["box"], sample["original_size"])
        np.testing.assert_array_equal(np.asarray(Image.open(path)) > 0, score >= 0.5)


def test_a_checkpoint_of_another_house_is_refused(tmp_path):
    torch.save({"state_dict": {}}, tmp_path / "x.ckpt")
    with pytest.raises(InputError, match=r"x.ckpt: expected a config in it"):
        load_task(tmp_path / "x.ckpt")
