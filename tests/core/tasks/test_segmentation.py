import numpy as np
import pytest
import torch
from lightning.pytorch import Trainer
from sklearn.metrics import f1_score, roc_auc_score
from torch import nn

from core.checks import InputError
from core.data import HoldoutSplit, NervePhantom
from core.data.module import ImageData
from core.losses import DeepSupervision, DiceLoss, WithPresence
from core.tasks import SegmentationTask

GRID = (8, 8)


class Given(nn.Module):
    """Answers with given logits (B, 1, 8, 8), and presence logits if there are any."""

    def __init__(self, logits, presence=None):
        super().__init__()
        self.answer = logits if presence is None else (logits, presence)
        self.weight = nn.Parameter(torch.zeros(1))

    def forward(self, image):
        return self.answer


def adam(parameters):
    return torch.optim.Adam(parameters, lr=0.1)


def task(network, loss=None, **options):
    return SegmentationTask(network=network, loss=loss or DiceLoss(), optimizer=adam, **options)


def logits_of(probabilities):
    return (
        torch.logit(torch.as_tensor(probabilities, dtype=torch.float32))
        .reshape(-1, 1, 1, 1)
        .expand(-1, 1, *GRID)
    )


def batch(truths, *, box=(0, 0, *GRID), padding=()):
    """Images whose masks on the network's grid are these truths' first pixel."""
    count = len(truths)
    return {
        "image": torch.zeros(count, 1, *GRID),
        "mask": torch.stack([torch.full(GRID, int(truth.flat[0])) for truth in truths]),
        "truth": truths,
        "box": torch.tensor([box] * count),
        "original_size": torch.tensor([truth.shape for truth in truths]),
        "spacing_mm": torch.full((count, 2), torch.nan),
        "index": torch.arange(count) + 10,
        "is_padding": torch.tensor([place in padding for place in range(count)]),
    }


def full(value, size=(12, 10)):
    return np.full(size, value, np.uint8)


def test_padding_is_never_counted():
    network = Given(logits_of([0.9, 0.9, 0.9]))
    whole, padded = task(network), task(network)
    network.answer = network.answer[:2]
    whole.test_step(batch([full(1), full(0)]), 0)
    network.answer = logits_of([0.9, 0.9, 0.2])
    padded.test_step(batch([full(1), full(0), full(1)], padding=[2]), 0)
    assert padded.image_table.rows()["index"].tolist() == [10, 11]
    assert padded.test_loss.compute() == whole.test_loss.compute()
    assert padded.curves.areas() == whole.curves.areas()
    for name, value in whole.image_table.compute().items():
        assert padded.image_table.compute()[name].item() == pytest.approx(value.item(), nan_ok=True)


def test_a_batch_of_padding_alone_counts_nothing():
    ours = task(Given(logits_of([0.9])))
    ours.validation_step(batch([full(1)], padding=[0]), 0)
    assert ours.val_table.compute()["images"] == 0


def test_network_with_presence_is_measured_by_its_mask():
    logits, presence = logits_of([0.9, 0.1]), torch.tensor([-3.0, 3.0])
    loss = WithPresence(mask_loss=DiceLoss(), weight=0.5)
    ours = task(Given(logits, presence), loss)
    images = batch([full(1), full(0)])
    masks = ours.test_step(images, 0)["masks"]
    assert [mask.min() for mask in masks] == [1, 0]
    assert [mask.max() for mask in masks] == [1, 0]
    assert ours.test_loss.compute() == loss((logits, presence), images["mask"])


def test_loss_is_the_mean_over_images_not_batches():
    ours = task(Given(logits_of([0.9, 0.9, 0.9])))
    ours.validation_step(batch([full(1), full(1), full(1)]), 0)
    few = ours.val_loss.compute().item()
    ours.network.answer = logits_of([0.1])
    ours.validation_step(batch([full(1)]), 1)
    lost = DiceLoss()(logits_of([0.1]), torch.ones(1, *GRID)).item()
    assert ours.val_loss.compute().item() == pytest.approx((3 * few + lost) / 4)


def test_loss_does_not_depend_on_which_images_share_a_batch():
    truths, answers = [full(1), full(0), full(1)], torch.tensor([0.9, 0.2, 0.4])
    together = task(Given(logits_of(answers)), DiceLoss(per="batch"))
    together.validation_step(batch(truths), 0)
    apart = task(Given(None), DiceLoss(per="batch"))
    for truth, answer in zip(truths, answers, strict=True):
        apart.network.answer = logits_of([answer])
        apart.validation_step(batch([truth]), 0)
    losses = [together.val_loss.compute().item(), apart.val_loss.compute().item()]
    assert losses[0] == pytest.approx(losses[1])


@pytest.mark.parametrize(("threshold", "inside"), [(0.5, 1), (0.59, 1), (0.61, 0)])
def test_a_pixel_belongs_where_its_probability_reaches_the_threshold(threshold, inside):
    ours = task(Given(logits_of([0.6])), threshold=threshold)
    (mask,) = ours.test_step(batch([full(1)]), 0)["masks"]
    assert mask.min() == mask.max() == inside


def test_exactly_the_threshold_belongs():
    ours = task(Given(torch.zeros(1, 1, *GRID)), threshold=0.5)
    assert ours.test_step(batch([full(1)]), 0)["masks"][0].all()


@pytest.mark.parametrize("threshold", [0, 1, -0.1, 7])
def test_a_threshold_that_is_no_probability_is_refused(threshold):
    with pytest.raises(InputError, match="model.threshold: expected a probability between 0 and 1"):
        task(Given(None), threshold=threshold)


def test_predictions_lie_on_each_images_own_grid():
    ours = task(Given(logits_of([0.9, 0.9])))
    sizes = [(12, 10), (31, 47)]
    masks = ours.predict_step(batch([full(1, size) for size in sizes]), 0)["masks"]
    assert [mask.shape for mask in masks] == sizes
    assert {mask.dtype for mask in masks} == {np.dtype(np.uint8)}


def test_what_lies_outside_the_images_box_is_cut_away():
    logits = torch.full((1, 1, *GRID), -9.0)
    logits[..., 2:6, :] = 9.0
    ours = task(Given(logits))
    (mask,) = ours.test_step(batch([full(1, (20, 40))], box=(2, 0, 4, 8)), 0)["masks"]
    assert mask.all()


def test_half_precision_logits_are_measured():
    ours = task(Given(logits_of([0.9]).bfloat16()))
    assert ours.test_step(batch([full(1)]), 0)["masks"][0].all()


def test_prediction_tells_the_presence_of_a_network_that_has_one():
    ours = task(Given(logits_of([0.9, 0.9]), torch.tensor([0.0, torch.logit(torch.tensor(0.8))])))
    images = batch([full(1), full(1)])
    assert ours.predict_step(images, 0)["presence"].tolist() == pytest.approx([0.5, 0.8])


def test_prediction_says_that_presence_is_unknown_without_the_head():
    ours = task(Given(logits_of([0.9])))
    assert torch.isnan(ours.predict_step(batch([full(1)]), 0)["presence"]).all()


@pytest.mark.filterwarnings("ignore:You are trying to `self.log")
def test_validation_starts_afresh_each_epoch():
    ours = task(Given(logits_of([0.9])))
    ours.validation_step(batch([full(1)]), 0)
    ours.on_validation_epoch_end()
    ours.validation_step(batch([full(0)]), 0)
    assert ours.val_table.compute()["images"] == 1
    assert ours.val_table.compute()["dice"] == 0


class Probe(nn.Conv2d):
    """A convolution whose answer depends on the image."""

    def __init__(self):
        super().__init__(1, 1, 5, padding=2)


@pytest.fixture(scope="module")
def tested(tmp_path_factory):
    """A test run through the trainer: metrics, and scores and truths of each image."""
    torch.manual_seed(0)
    data = ImageData(
        source=NervePhantom(subjects=5, frames=4, size=(40, 56), seed=1),
        split=HoldoutSplit(val=0.2, test=0.4),
        size=(24, 40),
        batch_size=3,
        cache_dir=None,
    )
    ours = task(Probe())
    trainer = Trainer(
        accelerator="cpu",
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        default_root_dir=tmp_path_factory.mktemp("run"),
        use_distributed_sampler=False,
    )
    (metrics,) = trainer.test(ours, datamodule=data, verbose=False)
    scores, truths = [], []
    for batch in data.test_dataloader():
        with torch.no_grad():
            scores += ours.masks.scores(ours(batch["image"]), batch)
        truths += batch["truth"]
    return metrics, np.concatenate(scores), np.stack(truths)


def test_logged_area_under_the_curve_is_that_of_all_pixels(tested):
    metrics, scores, truths = tested
    exact = roc_auc_score(truths.ravel(), scores.ravel())
    assert metrics["test/auc"] == pytest.approx(exact, abs=1e-4)


def test_logged_dice_is_the_mean_over_images_with_one_for_both_empty(tested):
    metrics, scores, truths = tested
    pairs = zip(truths, scores >= 0.5, strict=True)
    dice = [f1_score(truth.ravel(), mask.ravel(), zero_division=1.0) for truth, mask in pairs]
    assert metrics["test/dice"] == pytest.approx(np.mean(dice), abs=1e-6)
    assert metrics["test/images"] == len(dice)


def test_all_documented_metrics_are_logged(tested):
    names = (
        "dice iou precision recall accuracy dice_all_empty false_negative_rate false_positive_rate"
        " dice_true_positive zero_overlap_rate hd_px hd95_px hd_mm hd95_mm hd_undefined auc images loss prediction_ellipticity"
    )
    assert tested[0].keys() == {f"test/{name}" for name in names.split()}


@pytest.mark.parametrize("step", ["training_step", "validation_step"])
def test_images_without_masks_are_refused(step):
    images = batch([full(1)])
    del images["mask"]
    with pytest.raises(
        InputError, match="data.source: expected images with masks, got images alone"
    ):
        getattr(task(Given(logits_of([0.9]))), step)(images, 0)


def test_the_first_of_several_heads_is_looked_at_in_training():
    images = {**batch([full(1)]), "mask": torch.ones(1, *GRID).long()}
    ours = task(Given([logits_of([0.9]), logits_of([0.8])]), loss=DeepSupervision(loss=DiceLoss()))
    assert 0 < ours.training_step(images, 0) < 0.3
