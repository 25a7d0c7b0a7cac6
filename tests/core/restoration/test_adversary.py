"""Both adversaries: every term worked by hand, and whom its gradients reach."""

import math

import pytest
import torch
from torch import nn

from core.checks import InputError
from core.losses import BinaryCrossEntropy, LeastSquares
from core.restoration import CycleAdversary, DualAdversary


class Scaled(nn.Module):
    """Gives weight * x: a judge or a generator that can be worked by hand."""

    def __init__(self, weight):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(float(weight)))

    def forward(self, x):
        return self.weight * x


def images(*values):
    """A batch of images (1,2,2), each of one value."""
    return torch.tensor(values).reshape(-1, 1, 1, 1).expand(-1, 1, 2, 2).clone()


X, Z = images(0.8, 0.6), images(0.3, 0.1)


def dual(**options):
    given = {"clean_discriminator": Scaled(2.0), "corrupted_discriminator": Scaled(3.0)}
    return DualAdversary(**{**given, "gan": BinaryCrossEntropy(), **options})


def cycle(**options):
    judges = {"clean_discriminator": Scaled(2.0), "corrupted_discriminator": Scaled(3.0)}
    return CycleAdversary(back=Scaled(1.5), **judges, **{"gan": LeastSquares(), **options})


def log_sigmoid(x):
    return -math.log1p(math.exp(-x))


def mean(*values):
    return sum(values) / len(values)


def test_the_residual_is_laid_onto_clean_patches():
    scene = dual().scene(X, Scaled(0.5)(X), Z)
    torch.testing.assert_close(scene.synthetic, images(0.3 + 0.4, 0.1 + 0.3))


def test_dual_terms_worked_by_hand():
    """Eqs. 2 and 3 for G(x) = x / 2, D_cln = sigmoid(2 x) and D_crp = sigmoid(3 x)."""
    adversary, restore = dual(), Scaled(0.5)
    scene = adversary.scene(X, restore(X), Z)
    theirs = adversary.discriminator_terms(scene)
    ours = adversary.generator_terms(scene, restore)
    restored, synthetic = (0.4, 0.3), (0.7, 0.4)
    clean = [log_sigmoid(2 * z) for z in (0.3, 0.1)]
    refused = [log_sigmoid(-2 * fake) for fake in restored]
    assert theirs["d_clean"].item() == pytest.approx(-mean(*clean) - mean(*refused))
    corrupted = [log_sigmoid(3 * x) for x in (0.8, 0.6)]
    refused = [log_sigmoid(-3 * fake) for fake in synthetic]
    assert theirs["d_corrupted"].item() == pytest.approx(-mean(*corrupted) - mean(*refused))
    taken = [-log_sigmoid(2 * fake) for fake in restored]
    assert ours["g_clean"].item() == pytest.approx(mean(*taken))
    taken = [-log_sigmoid(3 * fake) for fake in synthetic]
    assert ours["g_corrupted"].item() == pytest.approx(mean(*taken))
    squares = [4 * 0.4**2, 4 * 0.3**2]  # four pixels each
    assert ours["reconstruction"].item() == pytest.approx(0.01 * mean(*squares))
    assert theirs.keys() == {"d_clean", "d_corrupted"}
    assert ours.keys() == {"g_clean", "g_corrupted", "reconstruction"}


def test_the_letter_of_equation_2_differs_in_the_generators_terms_alone():
    plain, letter = dual(), dual(gan=BinaryCrossEntropy(saturating=True))
    scene = plain.scene(X, Scaled(0.5)(X), Z)
    assert plain.discriminator_terms(scene) == letter.discriminator_terms(scene)
    minimised = letter.generator_terms(scene, Scaled(0.5))["g_clean"].item()
    assert minimised == pytest.approx(mean(log_sigmoid(-0.8), log_sigmoid(-0.6)))


def test_without_dual_learning_only_the_corrupted_domain_is_gone():
    whole, without = dual(), dual(corrupted_discriminator=None)
    scenes = [each.scene(X, Scaled(0.5)(X), Z) for each in (whole, without)]
    assert scenes[1].synthetic is None
    for terms in ("discriminator_terms", "generator_terms"):
        more = [() if terms.startswith("d") else (Scaled(0.5),)] * 2
        a, b = (
            getattr(each, terms)(scene, *rest)
            for each, scene, rest in zip((whole, without), scenes, more, strict=True)
        )
        assert {k: v for k, v in a.items() if "corrupted" not in k} == b


def test_cycle_terms_worked_by_hand():
    """G(x) = x / 2, F(z) = 1.5 z; logits 2 x and 3 x."""
    adversary, restore = cycle(), Scaled(0.5)
    scene = adversary.scene(X, restore(X), Z)
    theirs = adversary.discriminator_terms(scene)
    ours = adversary.generator_terms(scene, restore)
    real = mean((0.6 - 1) ** 2, (0.2 - 1) ** 2)
    fake = mean(0.8**2, 0.6**2)
    assert theirs["d_clean"].item() == pytest.approx((real + fake) / 2)
    real = mean((2.4 - 1) ** 2, (1.8 - 1) ** 2)
    fake = mean((3 * 0.45) ** 2, (3 * 0.15) ** 2)
    assert theirs["d_corrupted"].item() == pytest.approx((real + fake) / 2)
    assert ours["g_clean"].item() == pytest.approx(mean((0.8 - 1) ** 2, (0.6 - 1) ** 2))
    # F(G(x)) = 0.75 x and G(F(z)) = 0.75 z
    assert ours["cycle_corrupted"].item() == pytest.approx(10 * mean(0.2, 0.15))
    assert ours["cycle_clean"].item() == pytest.approx(10 * mean(0.075, 0.025))


def gradients(module):
    return {name: p.grad is not None for name, p in module.named_parameters()}


@pytest.mark.parametrize("make", [dual, cycle])
def test_discriminator_terms_reach_the_discriminators_alone(make):
    adversary, restore = make(), Scaled(0.5)
    scene = adversary.scene(X, restore(X), Z)
    sum(adversary.discriminator_terms(scene).values()).backward()
    assert restore.weight.grad is None
    assert gradients(adversary) == {
        name: name.startswith("discriminators") for name in gradients(adversary)
    }


@pytest.mark.parametrize("make", [dual, cycle])
@pytest.mark.parametrize("term", ["g_clean", "g_corrupted"])
def test_each_adversarial_term_moves_who_made_the_fake(make, term):
    adversary, restore = make(), Scaled(0.5)
    scene = adversary.scene(X, restore(X), Z)
    adversary.generator_terms(scene, restore)[term].backward()
    made_by_back = make is cycle and term == "g_corrupted"
    assert (restore.weight.grad is None) == made_by_back
    if made_by_back:
        assert adversary.back.weight.grad is not None


def test_discriminators_draw_the_generator_their_way():
    """One step down each adversarial term raises the judge's logit of the fake."""
    adversary, restore = dual(), Scaled(0.5)
    for term, fake in (("g_clean", "restored"), ("g_corrupted", "synthetic")):
        scene = adversary.scene(X, restore(X), Z)
        judge = adversary.discriminators[term.removeprefix("g_")]
        (slope,) = torch.autograd.grad(
            adversary.generator_terms(scene, restore)[term], restore.weight, retain_graph=True
        )
        moved = Scaled(0.5 - 0.01 * slope)
        after = getattr(adversary.scene(X, moved(X), Z), fake)
        assert judge(after).mean() > judge(getattr(scene, fake)).mean()


def test_the_way_back_learns_with_the_generator():
    adversary = cycle()
    assert [id(p) for p in adversary.generators()] == [id(adversary.back.weight)]
    assert dual().generators() == []


def test_pools_travel_in_the_state_of_a_process():
    before, after = cycle(), cycle()
    before.discriminator_terms(before.scene(X, X, Z))
    state = before.rank_state()
    assert state["clean"].shape == X.shape
    after.load_rank_state(state)
    assert torch.equal(after.pools["corrupted"].images, 1.5 * Z)


@pytest.mark.parametrize(
    ("make", "name"),
    [(lambda: dual(reconstruction=-1), "reconstruction"), (lambda: cycle(cycle=-1), "cycle")],
)
def test_negative_weights_are_refused(make, name):
    with pytest.raises(InputError, match=name):
        make()
