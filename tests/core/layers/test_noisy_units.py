"""The three hard units with noise at their input."""

import math

import pytest
import torch
from torch.testing import assert_close

from core.checks import InputError
from core.layers import NoisyHardSigmoid, NoisyHardTanh, NoisyReLU

UNITS = [NoisyReLU, NoisyHardSigmoid, NoisyHardTanh]
POINTS = torch.tensor([-3.0, -2.0, -1.0, -0.4, 0.0, 0.4, 1.0, 2.0, 3.0])
BY_HAND = {
    NoisyReLU: [0, 0, 0, 0, 0, 0.4, 1, 2, 3],
    NoisyHardSigmoid: [0, 0, 0.25, 0.4, 0.5, 0.6, 0.75, 1, 1],
    NoisyHardTanh: [-1, -1, -1, -0.4, 0, 0.4, 1, 1, 1],
}
SLOPES = {
    NoisyReLU: lambda z: z > 0,
    NoisyHardSigmoid: lambda z: 0.25 * (z.abs() < 2),
    NoisyHardTanh: lambda z: z.abs() < 1,
}
N = 200_000


def seeded(unit, x, seed=0):
    torch.manual_seed(seed)
    return unit(x)


@pytest.mark.parametrize("unit", UNITS)
def test_hard_function_at_points_worked_by_hand(unit):
    assert_close(unit(noise=0.0)(POINTS), torch.tensor(BY_HAND[unit], dtype=torch.float32))


@pytest.mark.parametrize("unit", UNITS)
def test_evaluation_mode_is_exactly_the_function_without_noise(unit):
    assert torch.equal(unit(noise=0.5).eval()(POINTS), unit(noise=0.0)(POINTS))


@pytest.mark.parametrize("unit", UNITS)
def test_without_noise_no_random_number_is_drawn(unit):
    before = torch.get_rng_state()
    unit(noise=0.0)(POINTS)
    unit(noise=0.5).eval()(POINTS)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("unit", UNITS)
def test_training_mode_is_the_hard_function_of_the_perturbed_input(unit):
    x = torch.linspace(-3, 3, 1000)
    torch.manual_seed(3)
    perturbed = x + 0.3 * torch.randn(1000)
    assert_close(seeded(unit(noise=0.3), x, seed=3), unit(noise=0.0)(perturbed))


@pytest.mark.parametrize(("unit", "slope"), [(NoisyHardSigmoid, 0.25), (NoisyHardTanh, 1.0)])
def test_noise_has_no_mean_and_the_named_standard_deviation(unit, slope):
    deviation = seeded(unit(noise=0.1), torch.zeros(N, dtype=torch.float64)) / slope
    deviation = deviation - (2.0 if unit is NoisyHardSigmoid else 0.0)
    assert deviation.mean().item() == pytest.approx(0, abs=5 * 0.1 / math.sqrt(N))
    assert deviation.std().item() == pytest.approx(0.1, abs=5 * 0.1 / math.sqrt(2 * N))


def test_mean_of_noisy_relu_at_zero_is_that_of_a_rectified_normal():
    y = seeded(NoisyReLU(noise=0.1), torch.zeros(N, dtype=torch.float64))
    assert y.mean().item() == pytest.approx(
        0.1 / math.sqrt(2 * math.pi), abs=5 * 0.06 / math.sqrt(N)
    )


@pytest.mark.parametrize("unit", UNITS)
def test_seed_decides_the_noise(unit):
    active = unit(noise=0.3)
    x = torch.full((100,), 0.5)
    assert torch.equal(seeded(active, x, seed=1), seeded(active, x, seed=1))
    assert not torch.equal(seeded(active, x, seed=1), seeded(active, x, seed=2))


@pytest.mark.parametrize("unit", UNITS)
def test_gradient_is_the_slope_at_the_perturbed_input(unit):
    x = torch.linspace(-3, 3, 500, dtype=torch.float64, requires_grad=True)
    torch.manual_seed(0)
    perturbed = x.detach() + 0.5 * torch.randn(500, dtype=torch.float64)
    seeded(unit(noise=0.5), x).sum().backward()
    assert_close(x.grad, SLOPES[unit](perturbed).double())


@pytest.mark.parametrize("unit", UNITS)
def test_gradient_agrees_with_finite_differences(unit):
    x = torch.tensor([-2.5, -0.5, 0.3, 0.7, 3.1], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda v: seeded(unit(noise=0.01), v), x)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64])
def test_dtype_and_memory_order_are_kept(unit, dtype):
    x = torch.randn(2, 4, 3, 5, dtype=dtype).contiguous(memory_format=torch.channels_last)
    y = unit(noise=0.1)(x)
    assert y.dtype == dtype
    assert y.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("unit", UNITS)
def test_compiles_to_one_graph_with_the_same_numbers(unit):
    active = unit(noise=0.3)
    compiled = torch.compile(active, backend="eager", fullgraph=True)
    assert torch.equal(seeded(compiled, POINTS), seeded(active, POINTS))


def test_negative_noise_is_an_error():
    with pytest.raises(InputError, match=r"noise: expected a standard deviation >= 0, got -0\.1"):
        NoisyReLU(noise=-0.1)
