"""The full noisy activation against the formula written out in plain Python."""

import math
from itertools import product

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from core.checks import InputError
from core.layers import NoisyActivation

N = 200_000
CASES = list(product(["tanh", "sigmoid"], [0.8, 1.15], [False, True]))


def sign(a):
    return (a > 0) - (a < 0)


def parts(kind, x, p, c, alpha):
    """Return u, u', h, v, s, sigma and d of one input, as the paper writes them."""
    slope, centre, low = (1.0, 0.0, -1.0) if kind == "tanh" else (0.25, 0.5, 0.0)
    u = slope * x + centre
    h = min(max(u, low), 1.0)
    s = 1 / (1 + math.exp(-p * (h - u)))
    return u, slope, h, h - u, s, c * (s - 0.5) ** 2, -sign(x) * sign(1 - alpha)


def formula(kind, x, epsilon, p, c, alpha):
    u, _, h, _, _, sigma, d = parts(kind, x, p, c, alpha)
    return alpha * h + (1 - alpha) * u + d * sigma * epsilon


def activation(kind="tanh", alpha=1.15, half_normal=False, p=0.7, c=0.5):
    act = NoisyActivation(kind=kind, alpha=alpha, c=c, half_normal=half_normal).double()
    nn.init.constant_(act.p, p)
    return act


def seeded(act, x, seed=0):
    torch.manual_seed(seed)
    return act(x)


def noise(shape, half_normal, seed=0):
    torch.manual_seed(seed)
    xi = torch.randn(shape, dtype=torch.float64)
    return xi.abs() if half_normal else xi


@pytest.mark.parametrize(("kind", "alpha", "half_normal"), CASES)
def test_training_agrees_with_the_formula(kind, alpha, half_normal):
    x = torch.linspace(-5, 5, 41, dtype=torch.float64)
    epsilon = noise(41, half_normal)
    expected = [
        formula(kind, a, e, 0.7, 0.5, alpha)
        for a, e in zip(x.tolist(), epsilon.tolist(), strict=True)
    ]
    actual = seeded(activation(kind, alpha, half_normal), x)
    assert_close(actual, torch.tensor(expected, dtype=torch.float64))


@pytest.mark.parametrize(("kind", "alpha", "half_normal"), CASES)
def test_evaluation_takes_the_expectation_of_the_noise(kind, alpha, half_normal):
    mean = math.sqrt(2 / math.pi) if half_normal else 0.0
    x = torch.linspace(-5, 5, 41, dtype=torch.float64)
    expected = [formula(kind, a, mean, 0.7, 0.5, alpha) for a in x.tolist()]
    actual = activation(kind, alpha, half_normal).eval()(x)
    assert_close(actual, torch.tensor(expected, dtype=torch.float64))


@pytest.mark.parametrize(
    ("kind", "alpha", "x", "expected"),
    [("tanh", 1.15, 2, 0.85), ("tanh", 0.8, -2, -1.2), ("sigmoid", 1.1, 6, 0.9),
     ("sigmoid", 1.1, -6, 0.1), ("sigmoid", 1.1, 1, 0.75), ("tanh", 1.15, 0.3, 0.3)],
)  # fmt: skip
def test_leak_at_points_worked_by_hand(kind, alpha, x, expected):
    act = activation(kind, alpha).eval()
    assert act(torch.tensor([float(x)])).item() == pytest.approx(expected)


@pytest.mark.parametrize(("kind", "edge"), [("tanh", 1.0), ("sigmoid", 2.0)])
def test_where_the_unit_does_not_saturate_it_is_linear_and_without_noise(kind, edge):
    x = torch.linspace(-edge, edge, 101, dtype=torch.float64)
    assert torch.equal(activation(kind)(x), x if kind == "tanh" else 0.25 * x + 0.5)


@pytest.mark.parametrize("half_normal", [False, True])
def test_alpha_of_one_is_exactly_the_hard_function(half_normal):
    x = torch.randn(1000, dtype=torch.float64) * 10
    assert torch.equal(activation(alpha=1.0, half_normal=half_normal)(x), x.clamp(-1, 1))


@pytest.mark.parametrize(("kind", "alpha"), list(product(["tanh", "sigmoid"], [0.8, 1.15])))
@pytest.mark.parametrize("x", [-5.0, 5.0])
def test_noise_in_saturation_has_mean_and_deviation_of_the_formula(kind, alpha, x):
    *_, sigma, _ = parts(kind, x, 0.7, 0.5, alpha)
    y = seeded(activation(kind, alpha), torch.full((N,), x, dtype=torch.float64))
    assert y.mean().item() == pytest.approx(
        formula(kind, x, 0, 0.7, 0.5, alpha), abs=5 * sigma / math.sqrt(N)
    )
    assert y.std().item() == pytest.approx(sigma, rel=5 / math.sqrt(2 * N))


@pytest.mark.parametrize(("alpha", "outward"), [(0.8, -1), (1.15, 1)])
@pytest.mark.parametrize("x", [-5.0, 5.0])
@pytest.mark.parametrize("kind", ["tanh", "sigmoid"])
def test_half_normal_noise_pushes_back_from_a_leak_and_out_of_an_inward_slope(
    kind, x, alpha, outward
):
    *_, sigma, _ = parts(kind, x, 0.7, 0.5, alpha)
    y = seeded(activation(kind, alpha, half_normal=True), torch.full((N,), x).double())
    push = (y - formula(kind, x, 0, 0.7, 0.5, alpha)) * outward * sign(x)
    assert push.min().item() >= -1e-12
    assert push.mean().item() == pytest.approx(
        sigma * math.sqrt(2 / math.pi), rel=5 * 0.76 / math.sqrt(N)
    )


@pytest.mark.parametrize(("kind", "alpha", "half_normal"), CASES)
@pytest.mark.parametrize("x", [-5.0, -0.4, 5.0])
def test_gradient_flows_through_saturation_as_derived_by_hand(kind, alpha, half_normal, x):
    p, c = 0.7, 0.5
    _, slope, _, v, s, _, d = parts(kind, x, p, c, alpha)
    epsilon = noise((), half_normal).item()
    wave = 2 * c * (s - 0.5) * s * (1 - s) * d * epsilon
    by_hand = (1 - alpha) * slope - wave * p * slope if v else slope
    act = activation(kind, alpha, half_normal)
    point = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    seeded(act, point).backward()
    assert point.grad.item() == pytest.approx(by_hand)
    assert act.p.grad.item() == pytest.approx(wave * v)


@pytest.mark.parametrize(("kind", "alpha", "half_normal"), CASES)
def test_gradients_agree_with_finite_differences(kind, alpha, half_normal):
    act = activation(kind, alpha, half_normal)
    x = torch.tensor([[-6.0, -3.0, -0.5, 0.7, 2.5]], dtype=torch.float64, requires_grad=True)

    def run(v, p):
        torch.manual_seed(0)
        return torch.func.functional_call(act, {"p": p}, (v,))

    p = torch.tensor([0.7], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(run, (x, p))


def test_p_learns():
    act = activation()
    optimiser = torch.optim.SGD(act.parameters(), lr=1.0)
    seeded(act, torch.full((10,), 5.0, dtype=torch.float64)).sum().backward()
    optimiser.step()
    assert act.p.item() != 0.7


def test_only_the_magnitude_of_p_matters():
    x = torch.linspace(-5, 5, 41, dtype=torch.float64)
    assert torch.equal(seeded(activation(p=0.7), x), seeded(activation(p=-0.7), x))


@pytest.mark.parametrize("shape", [(3, 2), (3, 2, 4, 5)])
def test_every_channel_has_its_own_p(shape):
    act = NoisyActivation(alpha=1.15, channels=2)
    act.p.data = torch.tensor([0.0, 1.0])
    noisy = act(torch.full(shape, 4.0)) != act.eval()(torch.full(shape, 4.0))
    assert noisy.transpose(0, 1).flatten(1).any(1).tolist() == [False, True]


def test_seed_decides_the_noise():
    x = torch.full((100,), 5.0, dtype=torch.float64)
    act = activation()
    assert torch.equal(seeded(act, x, seed=1), seeded(act, x, seed=1))
    assert not torch.equal(seeded(act, x, seed=1), seeded(act, x, seed=2))


def test_dtype_and_memory_order_are_kept():
    act = NoisyActivation(channels=4)
    x = torch.randn(2, 4, 3, 5).bfloat16().contiguous(memory_format=torch.channels_last)
    y = act(x)
    assert y.dtype == torch.bfloat16
    assert y.is_contiguous(memory_format=torch.channels_last)


def test_compiles_to_one_graph_with_the_same_numbers():
    act = activation("sigmoid", 1.1, half_normal=True)
    x = torch.linspace(-5, 5, 41, dtype=torch.float64)
    compiled = torch.compile(act, backend="eager", fullgraph=True)
    assert torch.equal(seeded(compiled, x), seeded(act, x))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kind": "relu"}, "kind: expected 'tanh' or 'sigmoid', got relu"),
        ({"c": -1}, "c: expected a scale >= 0, got -1"),
        ({"channels": 0}, "channels: expected at least 1, got 0"),
    ],
)
def test_argument_out_of_range_is_an_error(arguments, message):
    with pytest.raises(InputError, match=message):
        NoisyActivation(**arguments)
