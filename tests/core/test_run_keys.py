from types import SimpleNamespace

import pandas as pd
import pytest

from core.data import BalancedHoldout, FewerImages, VendorSplit
from core.run_keys import KEYS, config_hash, config_keys, held_out, method_of

OWN = {
    "model": {
        "class_path": "core.tasks.SegmentationTask",
        "init_args": {
            "network": {"class_path": "core.networks.UNet", "init_args": {"width": 8}},
            "optimizer": {"class_path": "torch.optim.Adam", "init_args": {"lr": 0.1}},
        },
    }
}


def config(**data):
    split = {"class_path": "core.data.KFoldSplit", "init_args": {"folds": 5, "fold": 2, "seed": 3}}
    source = {"class_path": "core.data.Manifest", "init_args": {"csv": "/mnt/EVA/list.csv"}}
    arguments = {"source": source, "split": split, "seed": 1, "select": None, "workers": 0} | data
    return {
        "seed_everything": 1,
        "trainer": {"max_epochs": 3, "logger": [{"class_path": "x.Y"}]},
        "data": {"class_path": "core.data.ImageData", "init_args": arguments},
        "model": OWN["model"],
    }


def keys(**data):
    return config_keys("paper", "one", config(**data), "default")


def split_of(name, **arguments):
    return {"class_path": f"core.data.{name}", "init_args": arguments}


def test_they_name_data_split_fold_and_seed():
    found = keys()
    assert found["dataset"] == "Manifest"
    assert found["split"] == "KFoldSplit folds=5"
    assert (found["fold"], found["seed"]) == (2, 1)
    assert set(found) <= set(KEYS)


def test_a_split_within_another_is_named():
    inner = split_of("KFoldSplit", folds=4, fold=3)
    found = keys(split=split_of("FewerLabels", share=0.5, split=inner))
    assert found["split"] == "FewerLabels share=0.5 split=KFoldSplit split.folds=4"
    assert found["fold"] == 3


def test_what_is_selected_belongs_to_the_data():
    assert keys(select={"device": ["E7", "I33"]})["dataset"] == "Manifest device=[E7, I33]"


def test_neither_people_nor_paths_are_named():
    split = split_of("ColumnSplit", column="subject", train=["Eva"], test=["Ida"])
    text = str(keys(select={"subject": ["Eva"]}, split=split))
    assert "Eva" not in text
    assert "Ida" not in text
    assert "mnt" not in text
    assert "subject=<chosen>" in text


def test_a_cell_is_known():
    assert config_keys("paper", "cell-12ab", config(), "default")["cell"] == "cell-12ab"
    assert keys()["cell"] is None


def test_repetitions_share_the_hash():
    other = config(split=split_of("KFoldSplit", folds=5, fold=0, seed=9), seed=7)
    assert config_hash(other | {"seed_everything": 7}) == config_hash(config())


@pytest.mark.parametrize("change", [{"workers": 2}, {"cache_dir": "/tmp/x"}])
def test_what_moves_no_number_is_not_in_the_hash(change):
    assert config_hash(config(**change)) == config_hash(config())


@pytest.mark.parametrize(
    "change",
    [
        {"split": split_of("KFoldSplit", folds=4, fold=2, seed=3)},
        {"source": split_of("NervePhantom", seed=1)},
    ],
)
def test_other_data_have_another_hash(change):
    assert config_hash(config(**change)) != config_hash(config())


def test_the_hash_leaves_the_config_as_it_was():
    given = config()
    config_hash(given)
    assert given == config()


@pytest.mark.parametrize(
    ("overlays", "options", "method"),
    [
        ([], [], "default"),
        (["unet", "noisy"], [], "unet + noisy"),
        ([], ["--model.network.width=16"], "network.width=16"),
        ([], ["--model.network.width", "16"], "network.width=16"),
        ([], ["--model.network.width=8.0", "--trainer.max_epochs=2"], "default"),
        ([], ["--model.network=core.networks.UNet"], "default"),
        (["unet"], ["--model.network=core.networks.FPN"], "unet + network=FPN"),
        ([], ["--model.optimizer.lr=0.2"], "default"),
        ([], ["--model.network.weights=/mnt/EVA/w.pth"], "network.weights=<path>"),
        (["/mnt/EVA/own.yaml"], [], "<path>"),
    ],
)
def test_method_is_what_was_asked_for(overlays, options, method):
    assert method_of(overlays, options, OWN) == method


def test_a_run_that_goes_on_keeps_its_method():
    assert method_of(["unet"], ["--model.network.width=16"], OWN, "unet + elu") == (
        "unet + elu + network.width=16"
    )


TABLE = pd.DataFrame(
    {
        "subject": list("aabbcc"),
        "device": ["E7", "E7", "I33", "I33", "S2", "S2"],
        "split": list("ttuuuu"),
    }
)
STAGES = {"train": [0, 1], "val": [2], "test": [3, 4]}


def test_machines_that_were_never_trained_on_are_held_out():
    split = VendorSplit(train=["E7"])
    assert held_out(TABLE, STAGES, split) == "device I33, device S2"


def test_a_column_that_the_split_goes_by_is_looked_at_too():
    inner = SimpleNamespace(column="split")
    found = held_out(TABLE.drop(columns="device"), STAGES, SimpleNamespace(split=inner))
    assert found == "split u"


def test_people_are_not_listed():
    assert held_out(TABLE[["subject"]], STAGES, SimpleNamespace(column="subject")) is None


def test_nothing_is_held_out_of_a_split_by_chance():
    split = FewerImages(share=0.5, split=BalancedHoldout(val=0.1, test=0.2))
    assert held_out(TABLE, {"train": [0, 2, 4], "test": [1, 3, 5]}, split) is None


def test_names_of_stages_are_no_machines():
    table = pd.DataFrame({"split": ["train", "test"]})
    assert held_out(table, {"train": [0], "test": [1]}, SimpleNamespace(column="split")) is None
