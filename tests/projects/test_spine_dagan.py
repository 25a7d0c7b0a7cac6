"""What spine_dagan's configs and its table say of the paper."""

from pathlib import Path

import pytest
import torch

from core.cli.stack import differences, read_stack
from core.dotted import flatten
from core.experiments import read_experiment
from tests.fakes import TINY_BACK, TINY_SPINE

PROJECT = Path(__file__).parents[2] / "projects" / "spine_dagan"
STRUCTURES = ("lumbar", "thoracic", "rib")


def changed(overlay):
    """Keys in which a stack with this overlay differs from the default run's."""
    lines = differences(read_stack(PROJECT, []), read_stack(PROJECT, [overlay]))
    return {line.split(":")[0] for line in lines}


def test_without_spatial_attention_nothing_else_is_changed():
    adversary = "model.adversary"
    assert changed("no_attention") == {
        "model.network.denoiser.block.attention",
        f"{adversary}.clean_discriminator.attention",
        f"{adversary}.corrupted_discriminator.attention",
    }


def test_without_dual_learning_nothing_else_is_changed():
    keys = changed("no_dual")
    assert keys
    assert all(key.startswith("model.adversary.corrupted_discriminator") for key in keys)


@pytest.mark.parametrize("rival", ["n2v", "n2s", "wavect", "fpn", "unet", "rsnu", "ppmu"])
def test_rivals_have_the_same_settings(rival):
    """Optimiser, schedule, epochs, grid, patches and augmentation are those of the default run."""
    default, config = (dict(flatten(read_stack(PROJECT, o))) for o in ([], [rival]))
    shared = ("model.optimizer", "model.scheduler", "trainer.", "data.size", "data.batch_size")
    shared += ("data.patches", "data.per_epoch", "data.augment", "data.source", "data.split")
    for key in default.keys() | config.keys():
        if key.startswith(shared):
            assert config.get(key) == default.get(key), key


def test_a_grid_that_the_network_cannot_take_is_refused_before_the_training(command, cwd):
    done = command("fit", *TINY_BACK, *TINY_SPINE, "--data.size=[130,34]", project=PROJECT)
    assert done.code == 2
    assert "height and width divisible by 4" in done.errors[0]
    assert not list(cwd.glob("runs/*/*/metrics.csv"))


def test_without_validation_batch_norm_is_measured_as_with_it(command, cwd):
    """The weights that are kept are then those of the end; statistics must not lag behind them."""
    words = ["--data.per_epoch=16", *TINY_BACK, *TINY_SPINE, "--config=fpn"]
    ends = {}
    for name, more in (("with", []), ("without", ["--trainer.limit_val_batches=0"])):
        done = command("fit", "--run", name, *words, *more, project=PROJECT)
        assert done.code == 0, done.err
        path = cwd / "runs" / PROJECT.name / name / "checkpoints" / "best.ckpt"
        ends[name] = torch.load(path, weights_only=True)["state_dict"]
    assert ends["with"].keys() == ends["without"].keys()
    for key, value in ends["with"].items():
        torch.testing.assert_close(ends["without"][key], value)


def papers(measure, system):
    """The paper's numbers of a system: of each structure, and the average."""
    table = read_experiment(PROJECT, "table1")
    columns = {column.metric: column for column in table.columns}
    row = {"system": system}
    own = [table.paper_value(columns[f"test/{name}/{measure}"], row) for name in STRUCTURES]
    return own, table.paper_value(columns[f"test/{measure}"], row)


@pytest.mark.parametrize("measure", ["dice", "iou", "recall"])
def test_the_papers_averages_follow_from_its_structures_but_for_the_misprint(measure):
    table = read_experiment(PROJECT, "table1")
    for system in table.rows["system"]:
        own, average = papers(measure, system)
        if (measure, system) == ("dice", "N2S"):
            assert sum(own) / 3 != pytest.approx(average, abs=1)
            (lumbar,) = [c for c in table.columns if c.misprints]
            own[0] = lumbar.misprints[system]
        assert sum(own) / 3 == pytest.approx(average, abs=0.02), system
