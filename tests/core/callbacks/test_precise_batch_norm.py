import lightning.pytorch as pl
import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader

from core.callbacks import PreciseBatchNorm
from core.checks import InputError
from core.layers import freeze_but

pytestmark = pytest.mark.filterwarnings("ignore:Found 1 module.* in eval mode")

ROWS = np.arange(20)
IMAGES = torch.from_numpy(np.random.default_rng(0).normal(3, 2, (20, 2, 4, 5)).astype(np.float32))


class Data(pl.LightningDataModule):
    """Twenty images in batches of eight; `measured` are the batches that a callback asked for."""

    def __init__(self):
        super().__init__()
        self.stages, self.measured = {"train": ROWS}, []

    def loader(self, rows):
        return DataLoader([{"image": IMAGES[row]} for row in rows], batch_size=8)

    def plain_loader(self, rows):
        self.measured = [batch["image"].double().numpy() for batch in self.loader(rows)]
        return self.loader(rows)

    def train_dataloader(self):
        return self.loader(ROWS)

    def val_dataloader(self):
        return self.loader(ROWS[:4])


class Task(pl.LightningModule):
    def __init__(self, *layers):
        super().__init__()
        self.network = nn.Sequential(*layers)
        self.networks = (self.network,)
        self.bias = nn.Parameter(torch.zeros(()))

    def run(self, network, image):
        return network(image)

    def training_step(self, batch, batch_idx):
        return self.run(self.network, batch["image"]).mean().square() + self.bias

    def validation_step(self, batch, batch_idx):
        pass

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.01)


@pytest.fixture(params=[1, 0], ids=["validated", "not validated"])
def measured(request, make_trainer):
    """Train a network of these layers with the callback; return it and the batches measured."""

    def measure(*layers, images=96):
        task, data, callback = Task(*layers), Data(), PreciseBatchNorm(images=images)
        options = {"max_epochs": 1, "num_sanity_val_steps": 0, "limit_val_batches": request.param}
        make_trainer(callback, **options).fit(task, datamodule=data)
        return task.network, data.measured

    return measure


def averages(batches, axes):
    """Plain averages over the batches of their means and their unbiased variances."""
    means = np.mean([batch.mean(axes) for batch in batches], axis=0)
    return means, np.mean([batch.var(axes, ddof=1) for batch in batches], axis=0)


def assert_statistics(norm, expected):
    for value, known in zip((norm.running_mean, norm.running_var), expected, strict=True):
        np.testing.assert_allclose(value.numpy(), known, rtol=1e-5)


def test_statistics_are_plain_averages_over_the_batches(measured):
    network, batches = measured(nn.BatchNorm2d(2))
    assert [len(batch) for batch in batches] == [8, 8, 4]
    assert_statistics(network[0], averages(batches, (0, 2, 3)))


def test_norms_of_vectors_are_measured_too(measured):
    network, batches = measured(nn.Flatten(), nn.BatchNorm1d(40))
    assert_statistics(network[1], averages([batch.reshape(-1, 40) for batch in batches], 0))


def test_dropout_is_off_meanwhile(measured):
    network, batches = measured(nn.Dropout(0.5), nn.BatchNorm2d(2))
    assert_statistics(network[1], averages(batches, (0, 2, 3)))


def test_images_are_taken_evenly_from_all(measured):
    _, batches = measured(nn.BatchNorm2d(2), images=3)
    expected = IMAGES[[0, 9, 19]].double().numpy()
    (batch,) = batches
    assert sorted(batch.sum((1, 2, 3))) == sorted(expected.sum((1, 2, 3)))


def test_frozen_layers_keep_their_statistics(measured):
    frozen = nn.BatchNorm2d(2).eval()
    freeze_but({"head": [], "input": [frozen]}, 1)
    frozen.requires_grad_(True)  # as several processes need it
    frozen.running_mean.fill_(7)
    network, batches = measured(frozen, nn.BatchNorm2d(2))
    assert network[0].running_mean.tolist() == [7, 7]
    assert network[0].num_batches_tracked == 0
    assert network[1].num_batches_tracked == len(batches)


def test_networks_without_such_layers_are_left_alone(measured):
    _, batches = measured(nn.Conv2d(2, 1, 1))
    assert batches == []


def test_what_it_sets_it_sets_back(measured):
    network, _ = measured(nn.BatchNorm2d(2, momentum=0.3), nn.Dropout(0.5).eval(), nn.ReLU())
    assert network[0].momentum == 0.3
    assert [layer.training for layer in network] == [True, False, True]


def test_a_validation_outside_of_a_training_measures_nothing(make_trainer):
    task, data = Task(nn.BatchNorm2d(2)), Data()
    make_trainer(PreciseBatchNorm()).validate(task, datamodule=data, verbose=False)
    assert data.measured == []


def test_no_images_are_refused():
    with pytest.raises(InputError, match="images: expected a positive number, got 0"):
        PreciseBatchNorm(images=0)
