"""Hidden pixels: how many, what stands in their place, and that nothing of them is left."""

import pytest
import torch
from scipy.ndimage import correlate

from core.checks import InputError
from core.restoration import GridPhases, RandomNeighbours

HIDING = [
    RandomNeighbours(share=0.015),
    RandomNeighbours(share=0.25, radius=1),
    GridPhases(width=4),
    GridPhases(width=2, fill="zero"),
]


def image(seed=0, size=(40, 56)):
    return torch.rand(2, 1, *size, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("hide", HIDING, ids=lambda hide: str(vars(hide)))
@pytest.mark.parametrize("seed", range(5))
def test_no_hidden_value_reaches_what_is_shown(hide, seed):
    """By gradient: what is shown does not depend on any hidden pixel."""
    torch.manual_seed(seed)
    pixels = image(seed).requires_grad_()
    shown, hidden = hide(pixels)
    (shown * torch.rand_like(shown)).sum().backward()
    assert hidden.any()
    assert (pixels.grad[hidden] == 0).all()
    assert (pixels.grad[~hidden] != 0).all()


@pytest.mark.parametrize("hide", HIDING, ids=lambda hide: str(vars(hide)))
def test_other_pixels_are_shown_as_they_are(hide):
    pixels = image()
    shown, hidden = hide(pixels)
    torch.testing.assert_close(shown[~hidden], pixels[~hidden], rtol=0, atol=0)


@pytest.mark.parametrize("hide", HIDING, ids=lambda hide: str(vars(hide)))
def test_the_seed_decides(hide):
    found = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        found.append(hide(image()).hidden)
    assert torch.equal(found[0], found[1])
    assert not torch.equal(found[0], found[2])


def test_one_pixel_in_each_cell_is_hidden():
    hidden = RandomNeighbours(share=0.015)(image(size=(40, 56))).hidden
    cells = hidden.reshape(2, 5, 8, 7, 8).sum((2, 4))  # 0.015 is one of 8 x 8
    assert (cells == 1).all()


def test_a_hidden_pixel_shows_a_value_from_its_neighbourhood():
    rows = torch.arange(40.0)[:, None].expand(40, 56)[None, None]
    for seed in range(20):
        torch.manual_seed(seed)
        shown, hidden = RandomNeighbours(radius=3)(rows)
        assert ((shown - rows)[hidden].abs() <= 3).all()


def test_neighbours_are_drawn_evenly_from_all_around():
    """Far from edges and other hidden pixels each of the eight neighbours is as likely."""
    counts = torch.zeros(9)
    torch.manual_seed(0)
    numbers = torch.arange(64.0).reshape(1, 1, 8, 8).repeat(4000, 1, 1, 1)
    shown, hidden = RandomNeighbours(share=1 / 64, radius=1)(numbers)
    value, place = shown[hidden], numbers[hidden]
    inner = (place // 8 > 0) & (place // 8 < 7) & (place % 8 > 0) & (place % 8 < 7)
    step = (value - place)[inner]
    for number, offset in enumerate((-9, -8, -7, -1, 0, 1, 7, 8, 9)):
        counts[number] = (step == offset).float().mean()
    assert counts[4] == 0
    assert counts[torch.arange(9) != 4].sum() == pytest.approx(1)
    assert (counts[torch.arange(9) != 4] - 1 / 8).abs().max() < 0.03


def test_phases_hide_every_pixel_in_the_end():
    torch.manual_seed(0)
    hide = GridPhases(width=3)
    seen = sum(hide(image(size=(9, 9))).hidden[0, 0].int() for _ in range(200))
    assert (seen > 0).all()
    assert hide(image(size=(9, 9))).hidden.sum() == 2 * 9


def test_interpolation_is_the_weighted_mean_around():
    pixels = image()
    shown, hidden = GridPhases(width=4)(pixels)
    weights = torch.tensor([[0.5, 1, 0.5], [1, 0, 1], [0.5, 1, 0.5]]) / 6
    expected = torch.from_numpy(correlate(pixels[0, 0].numpy(), weights.numpy(), mode="mirror"))
    torch.testing.assert_close(shown[0, 0][hidden[0, 0]], expected[hidden[0, 0]])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: RandomNeighbours(share=0.5), "share"),
        (lambda: RandomNeighbours(radius=0), "radius"),
        (lambda: GridPhases(width=1), "width"),
        (lambda: GridPhases(fill="mean"), "fill"),
        (lambda: RandomNeighbours(share=0.01)(image(size=(8, 8))), "at least 10 rows"),
    ],
)
def test_wrong_arguments_are_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()
