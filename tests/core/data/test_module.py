from itertools import chain
from types import SimpleNamespace

import albumentations
import numpy as np
import pytest
import torch

from core.checks import InputError
from core.data import Contradictions, HoldoutSplit, NervePhantom
from core.data.cache import CachedSource
from core.data.module import ImageData
from core.data.splits import Split


@pytest.fixture(scope="module")
def phantom():
    return NervePhantom(subjects=6, frames=3, size=(40, 56), seed=2)


@pytest.fixture
def data(phantom, tmp_path):
    def build(**options):
        options = {"split": HoldoutSplit(), "cache_dir": tmp_path, **options}
        module = ImageData(source=phantom, size=(16, 24), batch_size=4, **options)
        module.prepare_data()
        return module

    return build


def ready(module, stage="fit"):
    module.setup(stage)
    return module


def indices(loader):
    return [index for batch in loader for index in batch["index"].tolist()]


def test_each_stage_loads_its_own_rows(data):
    module = ready(data())
    loaded = {
        "train": indices(module.train_dataloader()),
        "val": indices(module.val_dataloader()),
        "test": indices(module.test_dataloader()),
    }
    assert {stage: sorted(rows) for stage, rows in loaded.items()} == {
        stage: rows.tolist() for stage, rows in module.stages.items()
    }
    assert sorted(chain(*loaded.values())) == list(range(18))


def test_training_is_shuffled_and_evaluation_in_order(data):
    module = ready(data())
    train = indices(module.train_dataloader())
    assert train != sorted(train)
    assert indices(module.test_dataloader()) == module.stages["test"].tolist()


def test_truth_is_loaded_for_validation_and_test_only(data):
    module = ready(data())
    assert "truth" not in next(iter(module.train_dataloader()))
    for loader in (module.val_dataloader(), module.test_dataloader()):
        assert next(iter(loader))["truth"][0].shape == (40, 56)


def test_training_alone_is_augmented(data):
    def dark(image, **_):
        return np.zeros_like(image)

    module = ready(data(augment=[albumentations.Lambda(image=dark, p=1)]))
    brightest = {
        loader: float(next(iter(getattr(module, f"{loader}_dataloader")()))["image"].max())
        for loader in ("train", "val", "test")
    }
    assert brightest["train"] == 0
    assert min(brightest["val"], brightest["test"]) > 0.2


def test_prediction_takes_every_image_whatever_the_split(data):
    module = ready(data(), "predict")
    assert indices(module.predict_dataloader()) == list(range(18))


def test_training_and_its_test_share_one_split(data):
    class Counting(Split):
        calls = 0

        def __call__(self, table):
            self.calls += 1
            return HoldoutSplit()(table)

    split = Counting()
    module = data(split=split)
    for stage in ("fit", "validate", "test"):
        module.setup(stage)
    assert split.calls == 1


def test_contradicted_images_are_left_out_of_training_only(data, monkeypatch):
    monkeypatch.setattr(Contradictions, "clean", lambda self, source, rows: rows[1:])
    whole, cleaned = ready(data()).stages, ready(data(leave_out=Contradictions())).stages
    assert cleaned["train"].tolist() == whole["train"][1:].tolist()
    for stage in ("val", "test"):
        np.testing.assert_array_equal(cleaned[stage], whole[stage])


def test_images_are_decoded_once_into_the_cache(data, tmp_path):
    assert isinstance(data().source, CachedSource)
    assert len(list(tmp_path.glob("*.pixels"))) == 1


def test_without_a_cache_folder_nothing_is_kept(data, phantom):
    assert data(cache_dir=None).source is phantom


@pytest.mark.parametrize("stage", ["train", "val", "test"])
def test_two_processes_share_a_stage_and_mark_the_copies(data, stage):
    ranks = []
    for rank in (0, 1):
        module = ready(data(split=HoldoutSplit(val=0.16, test=0.3, by="image")))
        module.trainer = SimpleNamespace(global_rank=rank, world_size=2)
        batches = list(getattr(module, f"{stage}_dataloader")())
        ranks.append({key: torch.cat([b[key] for b in batches]) for key in ("index", "is_padding")})
    assert len(ranks[0]["index"]) == len(ranks[1]["index"])
    own = torch.cat([rank["index"][~rank["is_padding"]] for rank in ranks])
    assert sorted(own.tolist()) == module.stages[stage].tolist()


def test_a_plain_loader_gives_every_process_the_same(data):
    module = ready(data())
    module.trainer = SimpleNamespace(global_rank=1, world_size=2)
    assert indices(module.plain_loader(np.array([5, 2, 9]))) == [5, 2, 9]


def test_seed_decides_the_order(data):
    orders = [indices(ready(data(seed=seed)).train_dataloader()) for seed in (0, 0, 1)]
    assert orders[0] == orders[1] != orders[2]


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"batch_size": 0}, "data.batch_size: expected a positive number, got 0"),
        ({"images_per_epoch": 0}, "data.images_per_epoch: expected a positive number, got 0"),
        ({"workers": -1}, "data.workers: expected 0 or more, got -1"),
        ({"size": (0, 5)}, "size: expected rows and columns, both positive"),
    ],
)
def test_numbers_out_of_range_are_refused(phantom, option, message):
    with pytest.raises(InputError, match=message):
        ImageData(
            source=phantom, split=HoldoutSplit(), **{"size": (8, 8), "batch_size": 1, **option}
        )


def test_only_selected_rows_are_split(data):
    module = ready(data(select={"subject": ["1", "2", "3"]}))
    rows = np.sort(np.concatenate(list(module.stages.values())))
    assert rows.tolist() == list(range(9))
    assert set(module.source.table["subject"].iloc[module.stages["test"]]) < {"1", "2", "3"}


def test_images_tell_their_group_where_groups_are_wanted(data):
    module = ready(data(group_by=["subject"]))
    batch = next(iter(module.test_dataloader()))
    assert batch["group"] == batch["subject"]
    assert "group" not in next(iter(ready(data()).test_dataloader()))


@pytest.mark.parametrize("images", [5, 40])
def test_an_epoch_has_as_many_training_images_as_are_wanted(data, images):
    module = ready(data(images_per_epoch=images))
    rows = indices(module.train_dataloader())
    assert len(rows) == images
    assert set(rows) <= set(module.stages["train"].tolist())
    assert indices(module.val_dataloader()) == module.stages["val"].tolist()
