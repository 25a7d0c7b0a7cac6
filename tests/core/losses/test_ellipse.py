"""Penalty on shapes that are no ellipse: against NumPy, by its gradient, and at the extremes."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.testing import assert_close

from core.checks import InputError
from core.losses import DiceLoss, WithPresence
from core.losses.ellipse import WithEllipse

SIZE = (48, 64)


class Nothing(nn.Module):
    """A mask loss of 0."""

    def forward(self, output, mask):
        return torch.zeros(())


PENALTY = WithEllipse(mask_loss=Nothing(), weight=1)
NO_MASK = torch.zeros(1, *SIZE).long()


def filled(row, column, height, width, angle=0.0):
    """An ellipse's mask (h,w) by its half height and half width, bool."""
    y, x = np.indices(SIZE)
    dy, dx = y - row, x - column
    u, v = dx * np.cos(angle) + dy * np.sin(angle), dy * np.cos(angle) - dx * np.sin(angle)
    return (u / width) ** 2 + (v / height) ** 2 <= 1


NERVE = filled(24, 32, 10, 18, 0.3)


def sure(*masks):
    """Logits (1,C,h,w) that are rather sure of masks (h,w)."""
    return torch.tensor(np.stack(masks)).float()[None] * 12 - 6


def penalty(logits):
    return PENALTY(logits, NO_MASK).item()


def gradient(logits):
    logits = logits.clone().requires_grad_()
    PENALTY(logits, NO_MASK).backward()
    return logits.grad[0]


def numpy_penalty(probability):
    """The same by the eigenvectors of NumPy's covariance, for one map of probabilities."""
    rows, columns = np.nonzero(probability > 0.5)
    area = len(rows)
    values, vectors = np.linalg.eigh(np.cov(rows, columns, bias=True) + np.eye(2) / 12)
    axes = 2 * np.sqrt(values)
    axes *= np.sqrt(area / (np.pi * axes.prod()))
    y, x = np.indices(probability.shape)
    offsets = np.stack([y - rows.mean(), x - columns.mean()], -1) @ vectors / axes
    distance = (1 - np.linalg.norm(offsets, axis=-1)) * np.sqrt(axes.prod())
    ellipse = 1 / (1 + np.exp(-4 * distance))
    return 1 - 2 * (probability * ellipse).sum() / (probability.sum() + ellipse.sum())


@pytest.mark.parametrize("seed", range(3))
def test_penalty_agrees_with_numpy(seed):
    rng = np.random.default_rng(seed)
    probability = np.where(NERVE | filled(10, 44, 6, 6), 0.9, 0.02) + rng.uniform(-0.02, 0.09, SIZE)
    logits = torch.logit(torch.tensor(probability))[None, None]
    assert penalty(logits.float()) == pytest.approx(numpy_penalty(probability), abs=1e-4)


def test_weighted_penalty_is_added_to_the_mask_loss():
    torch.manual_seed(0)
    logits, mask = sure(NERVE) + torch.randn(1, 1, *SIZE), torch.tensor(NERVE).long()[None]
    expected = DiceLoss()(logits, mask) + 0.3 * PENALTY(logits, mask)
    assert_close(WithEllipse(mask_loss=DiceLoss(), weight=0.3)(logits, mask), expected)


def test_penalty_of_an_ellipse_is_next_to_nothing():
    assert penalty(sure(NERVE) * 3) < 0.03


def test_penalty_rises_with_a_protrusion_and_with_a_dent():
    whole = penalty(sure(NERVE))
    assert penalty(sure(NERVE | filled(12, 32, 5, 5))) > whole + 0.02
    assert penalty(sure(NERVE & ~filled(14, 32, 6, 6))) > whole + 0.02


def test_protrusion_is_pulled_down():
    vessel = filled(10, 36, 4, 4) & (np.indices(SIZE)[0] < 11)
    down = gradient(sure(NERVE | filled(10, 36, 4, 4)))[0]
    assert (down[torch.tensor(vessel)] > 0).all()


def test_dent_is_filled():
    bite = filled(13, 31, 6, 6)
    down = gradient(sure(NERVE & ~bite))[0]
    assert (down[torch.tensor(bite & filled(24, 32, 8, 15, 0.3))] < 0).all()


def test_training_on_the_penalty_alone_makes_an_ellipse_of_a_nerve_with_a_vessel():
    from core.shapes import ellipticity

    mask = NERVE | filled(10, 36, 6, 6)
    logits = sure(mask).requires_grad_()
    optimizer = torch.optim.Adam([logits], lr=0.5)
    for _ in range(100):
        optimizer.zero_grad()
        PENALTY(logits, NO_MASK).backward()
        optimizer.step()
    after = (logits[0, 0] > 0).numpy().astype(np.uint8)
    assert ellipticity(mask.astype(np.uint8)) < 0.88
    assert ellipticity(after) > 0.96
    assert after.sum() == pytest.approx(mask.sum(), rel=0.1)  # the size is left to the mask loss


def test_ellipse_is_taken_as_given():
    probability = sure(NERVE | filled(10, 36, 6, 6)).sigmoid().requires_grad_()
    loss = PENALTY(torch.logit(probability), NO_MASK)
    loss.backward()
    inside, outside = probability.grad.min().item(), probability.grad.max().item()
    # with a constant ellipse E the gradient is (dice - 2 E) / (|P| + |E|)
    dice = 1 - loss.item()
    assert inside / outside == pytest.approx((dice - 2) / dice, rel=1e-3)


def test_haze_does_not_move_the_ellipse():
    haze = sure(NERVE)
    haze[..., :20] = torch.maximum(haze[..., :20], torch.tensor(-2.0))
    down = gradient(haze)[0]
    assert (down[:, :8] > 0).all()
    assert (down[torch.tensor(filled(24, 32, 8, 15, 0.3))] < 0).all()


def test_place_and_direction_do_not_matter():
    expected = penalty(sure(filled(24, 32, 8, 16)))
    for turned in (filled(20, 28, 8, 16), filled(24, 32, 16, 8), filled(24, 32, 8, 16, 0.8)):
        assert penalty(sure(turned)) == pytest.approx(expected, abs=0.01)


def test_each_class_of_a_softmax_is_measured_by_itself():
    first, second = filled(12, 20, 8, 14), filled(34, 44, 8, 16) | filled(24, 44, 4, 4)
    logits = sure(~(first | second), first, second) * 2
    probability = logits.softmax(1)[0].numpy()
    expected = (numpy_penalty(probability[1]) + numpy_penalty(probability[2])) / 2
    assert penalty(logits) == pytest.approx(expected, abs=1e-4)


def test_background_of_a_softmax_is_not_measured():
    logits = sure(~NERVE, NERVE) * 2
    assert penalty(logits) < 0.03


@pytest.mark.parametrize("pixels", [0, 1, 15])
def test_image_with_next_to_no_foreground_adds_nothing(pixels):
    few = np.zeros(SIZE, bool)
    few[3, :pixels] = True
    assert penalty(sure(few)) == 0
    batch = torch.cat([sure(few), sure(NERVE | filled(10, 36, 6, 6))])
    assert penalty(batch) == pytest.approx(penalty(batch[1:]) / 2)


def test_images_of_a_batch_do_not_meet():
    one, other = sure(NERVE), sure(filled(30, 20, 5, 9) | filled(20, 22, 4, 4))
    both = penalty(torch.cat([one, other]))
    assert both == pytest.approx((penalty(one) + penalty(other)) / 2, abs=1e-6)


def extremes():
    rng = np.random.default_rng(0)
    shapes = {name: np.zeros(SIZE, bool) for name in ("empty", "pixel", "row", "corner", "frame")}
    shapes["pixel"][0, 0] = shapes["row"][5] = shapes["corner"][:6, :6] = True
    shapes["frame"][[0, -1]] = True
    shapes |= {"full": np.ones(SIZE, bool), "noise": rng.random(SIZE) > 0.5}
    return [pytest.param(mask, id=name) for name, mask in shapes.items()]


@pytest.mark.parametrize("mask", extremes())
@pytest.mark.parametrize("scale", [0.01, 1, 1e4])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_loss_and_gradient_are_finite_at_the_extremes(mask, scale, dtype):
    logits = (sure(mask, mask) * scale).to(dtype).requires_grad_()
    with torch.autocast("cpu", torch.bfloat16):
        loss = PENALTY(logits, NO_MASK) + PENALTY(logits[:, :1], NO_MASK)
    loss.backward()
    assert loss.dtype == torch.float32
    assert 0 <= loss.item() <= 2
    assert logits.grad.isfinite().all()


def test_half_precision_gives_the_penalty_of_float32():
    logits = sure(NERVE | filled(10, 36, 6, 6))
    with torch.autocast("cpu", torch.bfloat16):
        half = PENALTY(logits.bfloat16(), NO_MASK)
    assert half.item() == pytest.approx(penalty(logits), abs=1e-5)


def test_mask_loss_gets_the_raw_output():
    output = sure(NERVE), torch.zeros(1)
    mask = torch.tensor(NERVE).long()[None]
    inner = WithPresence(mask_loss=DiceLoss())
    loss = WithEllipse(mask_loss=inner, weight=0.5)(output, mask)
    assert_close(loss, inner(output, mask) + 0.5 * PENALTY(output[0], mask))


def test_negative_weight_is_an_error():
    with pytest.raises(InputError, match="weight: expected a number >= 0, got -1"):
        WithEllipse(mask_loss=DiceLoss(), weight=-1)


def test_several_heads_are_refused():
    with pytest.raises(InputError, match="put it inside core.losses.DeepSupervision"):
        WithEllipse(mask_loss=DiceLoss())(
            [torch.zeros(1, 1, 8, 8)] * 2, torch.zeros(1, 8, 8).long()
        )
