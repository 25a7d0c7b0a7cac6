import pytest
import torch
from torch import nn
from torch.optim.lr_scheduler import ReduceLROnPlateau, StepLR

from core.losses import DiceLoss
from core.tasks import Task


def sgd(parameters):
    return torch.optim.SGD(parameters, lr=0.5)


def task(**options):
    return Task(network=nn.Conv2d(1, 1, 1), loss=DiceLoss(), optimizer=sgd, **options)


def epoch_mean(ours, losses):
    logged = {}
    ours.log = lambda name, value, **_: logged.update({name: float(value)})
    for loss in losses:
        ours.count(loss=torch.tensor(loss))
    ours.on_train_epoch_end()
    return logged["train/loss"]


def test_training_loss_is_the_mean_over_the_epochs_steps():
    assert epoch_mean(task(), [1.0, 2.0, 6.0]) == 3


def test_each_epoch_counts_anew():
    ours = task()
    epoch_mean(ours, [1.0, 2.0, 6.0])
    assert epoch_mean(ours, [5.0]) == 5


def test_an_epochs_mean_survives_a_resume():
    before, after = task(), task()
    for loss in (1.0, 2.0):
        before.count(loss=torch.tensor(loss))
    after.load_rank_state(before.rank_state())
    assert epoch_mean(after, [6.0]) == 3


def test_optimiser_is_made_of_the_tasks_parameters():
    ours = task()
    groups = ours.configure_optimizers()["optimizer"].param_groups
    assert [id(p) for group in groups for p in group["params"]] == [
        id(p) for p in ours.parameters()
    ]


def test_scheduler_steps_the_optimiser_that_was_made():
    made = task(scheduler=lambda optimizer: StepLR(optimizer, step_size=1)).configure_optimizers()
    assert made["lr_scheduler"]["scheduler"].optimizer is made["optimizer"]
    assert "monitor" not in made["lr_scheduler"]


def test_scheduler_that_watches_a_metric_says_which():
    class Watching(ReduceLROnPlateau):
        monitor = "val/dice"

    made = task(scheduler=Watching).configure_optimizers()
    assert made["lr_scheduler"]["monitor"] == "val/dice"


def test_compiling_leaves_the_names_of_the_weights():
    assert task(compile=True).state_dict().keys() == task().state_dict().keys()


def test_forward_gives_the_networks_raw_output():
    ours, image = task(), torch.rand(2, 1, 4, 4)
    assert torch.equal(ours(image), ours.network(image))


@pytest.mark.parametrize("card", [{}, {"project": "p", "config": "c"}])
def test_card_is_put_into_checkpoints_where_there_is_one(card):
    ours, checkpoint = task(), {}
    ours.card = card
    ours.on_save_checkpoint(checkpoint)
    assert checkpoint == ({"sonolab": card} if card else {})
