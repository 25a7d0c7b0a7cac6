"""Two players that take turns: who moves when, by what, and that a resume changes nothing."""

import pytest
import torch
from lightning.pytorch import Callback

from core.callbacks.exact_resume import PATTERN
from core.checks import InputError
from core.restoration.adversary import total
from tests.bits import end_of, same
from tests.core.tasks.spines import (
    BATCHES,
    EPOCHS,
    copied,
    cycle,
    data,
    dual,
    moved,
    task,
    train,
)
from tests.cut import Cut, CutOffError


def with_cycle():
    return task(cycle, segment_clean=False)


def gathering():
    return task(accumulate=2)


class Moves(Callback):
    """Notes which parameters each optimiser's step moves."""

    def __init__(self):
        self.moves = []

    def on_before_optimizer_step(self, trainer, pl_module, optimizer):
        self._note(pl_module)
        self.number = trainer.optimizers.index(optimizer)

    def on_train_batch_end(self, trainer, pl_module, *_):
        self._note(pl_module)

    def on_train_start(self, trainer, pl_module):
        self.before, self.number = copied(pl_module), None

    def _note(self, pl_module):
        if self.number is not None:
            self.moves.append((self.number, moved(self.before, pl_module)))
        self.before, self.number = copied(pl_module), None


@pytest.mark.parametrize("make_task", [task, with_cycle])
def test_each_players_step_moves_its_own_weights_alone(tmp_path, make_task):
    watch = Moves()
    train(tmp_path, make_task, watch, epochs=1)
    names = set(copied(make_task()))
    judges = {name for name in names if name.startswith("adversary.discriminators")}
    assert [number for number, _ in watch.moves] == [1, 0] * BATCHES  # discriminators first
    for number, what in watch.moves:
        assert what == (judges if number else names - judges)


def test_the_step_minimises_equation_5(tmp_path):
    """The gradient that the restorer steps by is that of L_adv + 0.5 L_seg + 0.01 L_rec."""
    kept = {}

    class Compare(Callback):
        def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
            kept["batch"] = batch

        def on_before_optimizer_step(self, trainer, pl_module, optimizer):
            if trainer.optimizers.index(optimizer) == 0 and "done" not in kept:
                network, adversary = pl_module.network, pl_module.adversary
                ours = [p.grad.clone() for p in network.denoiser.parameters()]
                theirs = expected(network, adversary, kept["batch"])
                for a, b in zip(ours, theirs, strict=True):
                    torch.testing.assert_close(a, b)
                kept["done"] = True

    def expected(network, adversary, batch):
        network.segmenter[3].p = 0.0
        x, z = batch["image"], batch["clean"]
        restored_x, restored_z = network.restore(x), network.restore(z)
        clean, corrupted = (adversary.discriminators[name] for name in ("clean", "corrupted"))
        fooled = -torch.nn.functional.logsigmoid(clean(restored_x)).mean()
        fooled = fooled - torch.nn.functional.logsigmoid(corrupted(z + x - restored_x)).mean()
        logits = network.segmenter(torch.cat([restored_x, restored_z]))
        masks = torch.cat([batch["mask"], batch["clean_mask"]])
        segmented = -logits.log_softmax(1).gather(1, masks[:, None]).mean()
        rebuilt = (x - restored_x).square().sum((1, 2, 3)).mean()
        loss = fooled + 0.5 * segmented + 0.01 * rebuilt
        return torch.autograd.grad(loss, list(network.denoiser.parameters()))

    def without_dropout():
        ours = task()
        ours.network.segmenter[3].p = 0.0
        return ours

    train(tmp_path, without_dropout, Compare(), epochs=1)
    assert kept["done"]


def test_gathered_gradients_are_the_mean_of_those_of_the_batches(tmp_path):
    """Without the segmenter's batch norm two batches of two are one batch of four."""

    def plain(**options):
        ours = task(segmentation=0.0, **options)
        ours.make_optimizer = ours.make_discriminator_optimizer = sgd
        return ours

    def sgd(parameters):
        return torch.optim.SGD(parameters, lr=0.1)

    class FirstUpdate(Callback):
        def on_train_batch_end(self, trainer, pl_module, *_):
            if not pl_module.mid_update and not hasattr(self, "after"):
                self.after = copied(pl_module.network.denoiser)
                self.judged = copied(pl_module.adversary)

    whole, gathered = FirstUpdate(), FirstUpdate()
    train(tmp_path / "a", plain, whole, batch_size=4, epochs=1)
    train(tmp_path / "b", lambda: plain(accumulate=2), gathered, batch_size=2, epochs=1)
    for one, other in ((whole.judged, gathered.judged),):
        for name in one:
            torch.testing.assert_close(one[name], other[name], rtol=1e-4, atol=1e-6)


def test_a_last_batch_updates_with_what_is_gathered(tmp_path):
    watch = Moves()
    train(tmp_path, lambda: task(accumulate=3), watch, epochs=1)
    assert [number for number, _ in watch.moves] == [1, 0, 1, 0]  # after batches 3 and 4


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    ends = {}
    for make_task in (task, with_cycle, gathering):
        folder = tmp_path_factory.mktemp("whole")
        train(folder, make_task)
        ends[make_task] = end_of(folder)
    return ends


def test_both_optimisers_and_schedulers_are_in_a_checkpoint(uninterrupted):
    end = uninterrupted[task]
    assert len(end["optimizer"]) == len(end["scheduler"]) == 2
    assert [each["last_epoch"] for each in end["scheduler"]] == [EPOCHS, EPOCHS]


@pytest.mark.parametrize(
    ("make_task", "after"), [(task, 2), (task, 3), (task, 7), (with_cycle, 3), (gathering, 3)]
)
def test_cut_off_and_resumed_ends_with_the_same_bits(tmp_path, uninterrupted, make_task, after):
    with pytest.raises(CutOffError):
        train(tmp_path, make_task, Cut(after))
    train(tmp_path, make_task, resume=True)
    assert same(end_of(tmp_path), uninterrupted[make_task])


def test_no_checkpoint_stands_between_gathering_and_update(tmp_path):
    with pytest.raises(CutOffError):
        train(tmp_path, gathering, Cut(2 * BATCHES))
    steps = [int(path.stem.split("-")[1]) for path in (tmp_path / "checkpoints").glob(PATTERN)]
    assert steps
    assert all(step % 2 == 0 for step in steps)


def test_an_update_of_both_players_counts_as_one_step(tmp_path):
    assert train(tmp_path, epochs=1).global_step == BATCHES


def test_means_of_all_terms_are_logged(tmp_path):
    trainer = train(tmp_path, epochs=1)
    logged = {n.removeprefix("train/") for n in trainer.callback_metrics if n.startswith("train/")}
    theirs = {"discriminator", "d_clean", "d_corrupted"}
    ours = {"loss", "g_clean", "g_corrupted", "reconstruction", "segmentation"}
    assert logged == theirs | ours


def test_a_players_loss_is_the_sum_of_its_terms():
    assert total({"a": torch.tensor(1.0), "b": torch.tensor(0.5)}) == 1.5


def test_a_scheduler_that_watches_a_metric_gets_it(tmp_path):
    from lightning.pytorch.cli import ReduceLROnPlateau

    def watching():
        ours = task()
        ours.make_scheduler = lambda optimizer: ReduceLROnPlateau(
            optimizer, monitor="val/dice", mode="min", patience=0, threshold=10.0
        )
        return ours

    trainer = train(tmp_path, watching, epochs=3)
    assert [optimizer.param_groups[0]["lr"] for optimizer in trainer.optimizers] == pytest.approx(
        [1e-5] * 2
    )


def test_both_parts_and_the_discriminators_are_compiled():
    ours = task(compile=True)
    parts = ours.network.denoiser, ours.network.segmenter, *ours.adversary.discriminators.values()
    assert all(part._compiled_call_impl is not None for part in parts)
    assert ours.network._compiled_call_impl is None


def test_bf16_trains(tmp_path):
    trainer = train(tmp_path, epochs=1, trainer={"precision": "bf16-mixed"})
    assert torch.isfinite(trainer.callback_metrics["train/loss"])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: task(segmentation=-1.0), "model.segmentation"),
        (lambda: task(accumulate=0), "model.accumulate"),
    ],
)
def test_wrong_arguments_are_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()


def test_clean_patches_must_be_there(tmp_path):
    with pytest.raises(InputError, match="data.unpaired: expected true"):
        train(tmp_path, pool="all", unpaired=False)


def test_without_dual_learning_the_rest_is_the_same():
    torch.manual_seed(0)
    whole = task()
    torch.manual_seed(0)
    without = task(lambda: dual(corrupted_discriminator=None))
    gone = {name for name in copied(whole) if "discriminators.corrupted" in name}
    assert copied(whole).keys() - gone == copied(without).keys()
    assert gone
    assert data().unpaired
