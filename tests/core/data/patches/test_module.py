from types import SimpleNamespace

import albumentations
import numpy as np
import pytest
import torch

from core.checks import InputError
from core.data import HoldoutSplit
from core.data.cache import CachedSource
from core.data.contradictions import Contradictions
from core.data.patches import PatchData, Patches

PATCHES = Patches(size=16, stride=8)


@pytest.fixture
def data(scenes, tmp_path):
    def build(stage="fit", **options):
        options = {"split": HoldoutSplit(), "cache_dir": tmp_path, "batch_size": 8, **options}
        module = PatchData(source=scenes, size=(48, 64), **{"patches": PATCHES, **options})
        module.prepare_data()
        module.setup(stage)
        return module

    return build


def patches(loader):
    return [number for batch in loader for number in batch["patch"].tolist()]


def test_training_is_on_patches_and_evaluation_on_whole_images(data):
    module = data(unpaired=True)
    batch = next(iter(module.train_dataloader()))
    for image, mask in (("image", "mask"), ("clean", "clean_mask")):
        assert (batch[image].shape, batch[image].dtype) == ((8, 1, 16, 16), torch.float32)
        assert (batch[mask].shape, batch[mask].dtype) == ((8, 16, 16), torch.int64)
    for loader in (module.val_dataloader(), module.test_dataloader()):
        batch = next(iter(loader))
        assert batch["image"].shape[1:] == (1, 48, 64)
        assert batch["truth"][0].shape == (96, 128)
        assert "clean" not in batch


def test_what_is_only_for_measuring_is_in_evaluation_batches_alone(data):
    module = data()
    assert not {"reference", "striped", "truth"} & next(iter(module.train_dataloader())).keys()
    batch = next(iter(module.test_dataloader()))
    assert (batch["reference"].dtype, batch["reference"].shape[1:]) == (torch.float32, (1, 48, 64))
    assert (batch["striped"].dtype, batch["striped"].shape[1:]) == (torch.int64, (48, 64))


def test_only_training_images_are_cut(data):
    module = data()
    assert set(module.pools.table["row"]) == set(module.stages["train"])
    trained = {row for batch in module.train_dataloader() for row in batch["index"].tolist()}
    assert trained == set(module.stages["train"])


@pytest.mark.parametrize("pool", ["all", "corrupted"])
def test_an_epoch_takes_patches_of_its_pool_once_in_whole_batches(data, pool):
    module = data(pool=pool)
    taken, numbers = patches(module.train_dataloader()), module.pools.numbers(pool)
    assert len(taken) == len(set(taken)) == len(numbers) - len(numbers) % 8
    assert set(taken) <= set(numbers.tolist())


def test_every_patch_has_its_turn(data):
    loader, seen = data(batch_size=7).train_dataloader(), set()
    for epoch in range(12):
        loader.sampler.set_epoch(epoch)
        seen |= set(patches(loader))
    assert seen == set(data().pools.numbers("all").tolist())


def test_a_batch_larger_than_the_pool_takes_all_there_is(data):
    module = data(batch_size=1000)
    assert sorted(patches(module.train_dataloader())) == module.pools.numbers("all").tolist()


def test_an_epoch_may_be_shortened_and_others_see_other_patches(data):
    loader = data(per_epoch=20, batch_size=6).train_dataloader()
    assert len(loader) == 3
    first = patches(loader)
    loader.sampler.set_epoch(1)
    second = patches(loader)
    assert len(set(first)) == len(set(second)) == 18
    assert set(first) != set(second)


def test_a_shortened_epoch_goes_on_where_it_stopped(data):
    whole = patches(data(per_epoch=20, batch_size=6).train_dataloader())
    resumed = data(per_epoch=20, batch_size=6).train_dataloader()
    resumed.load_state_dict({"epoch": 0, "batches": 2})
    assert patches(resumed) == whole[12:]


@pytest.mark.parametrize("per_epoch", [None, 36])
def test_two_processes_share_the_patches(data, per_epoch):
    """A process's batches are half of those that one process alone would take."""
    whole = patches(data(per_epoch=per_epoch, batch_size=16).train_dataloader())
    ranks = []
    for rank in (0, 1):
        module = data(per_epoch=per_epoch)
        module.trainer = SimpleNamespace(global_rank=rank, world_size=2)
        ranks.append(patches(module.train_dataloader()))
    assert len(ranks[0]) == len(ranks[1])
    assert set(ranks[0]) & set(ranks[1]) == set()
    assert set(ranks[0]) | set(ranks[1]) == set(whole)


def test_training_alone_is_augmented(data):
    def dark(image, **_):
        return np.zeros_like(image)

    module = data(augment=[albumentations.Lambda(image=dark, p=1)], unpaired=True)
    batch = next(iter(module.train_dataloader()))
    assert batch["image"].max() == batch["clean"].max() == 0
    assert next(iter(module.test_dataloader()))["image"].max() > 0.2


def test_images_are_laid_on_the_grid_once(data, tmp_path):
    first = data()
    assert isinstance(first.gridded, CachedSource)
    written = {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("*.pixels")}
    assert len(written) == 2
    data()
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("*.pixels")} == written


@pytest.mark.parametrize("fn", ["test", "predict"])
def test_nothing_is_laid_on_the_grid_for_what_is_no_training(scenes, tmp_path, fn):
    module = PatchData(source=scenes, split=HoldoutSplit(), size=(48, 64), batch_size=2,
                       patches=PATCHES, cache_dir=tmp_path)  # fmt: skip
    module.trainer = SimpleNamespace(state=SimpleNamespace(fn=fn), global_rank=0, world_size=1)
    module.prepare_data()
    module.setup(fn)
    assert len(list(tmp_path.glob("*.pixels"))) == 1
    assert "pools" not in module.__dict__


def test_without_a_cache_patches_are_the_same(data):
    cached, plain = data(), data(cache_dir=None)
    assert cached.pools.table.equals(plain.pools.table)
    pairs = zip(cached.train_dataloader(), plain.train_dataloader(), strict=True)
    assert all(torch.equal(one["image"], other["image"]) for one, other in pairs)


def test_a_plain_loader_gives_patches_of_training_images_that_cover_as_much(data):
    flip = [albumentations.HorizontalFlip(p=1.0)]
    module = data(augment=flip)
    rows = module.stages["train"][:2]
    batches = list(module.plain_loader(rows))
    numbers = [number for batch in batches for number in batch["patch"].tolist()]
    assert len(numbers) == len(set(numbers)) == 2 * 48 * 64 // 16**2
    assert {row for b in batches for row in b["index"].tolist()} <= set(module.stages["train"])
    cut = module.pools.cut(module.gridded, numbers[0])["image"]
    np.testing.assert_allclose(batches[0]["image"][0, 0], cut / 255, atol=1e-6)
    assert numbers == patches(module.plain_loader(rows))


def test_selected_and_left_out_rows_hold_for_patches_too(data, monkeypatch):
    monkeypatch.setattr(Contradictions, "clean", lambda self, source, rows: rows[1:])
    subjects = {"subject": ["A", "B", "C"]}
    whole, cleaned = data(select=subjects), data(select=subjects, leave_out=Contradictions())
    expected = whole.stages["train"][1:].tolist()
    assert cleaned.pools.table["row"].unique().tolist() == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"patches": Patches(size=49)}, "data.patches.size: expected at most the grid's smaller side, 48"),
        ({"pool": "clean"}, "data.pool: expected all or corrupted, got clean"),
        ({"per_epoch": 0}, "data.per_epoch: expected a positive number, got 0"),
        (
            {"patches": Patches(size=16, stride=8, clean_below=0.01), "unpaired": True},
            "data.patches.clean_below: expected training patches of at most 0.01, got none",
        ),
        (
            {"patches": Patches(size=16, stride=8, corrupted_above=99), "pool": "corrupted"},
            "data.patches.corrupted_above: expected training patches of at least 99, got none",
        ),
    ],
)  # fmt: skip
def test_what_leaves_nothing_to_train_on_is_refused(data, options, message):
    with pytest.raises(InputError, match=message):
        data(**options)


def test_a_pool_that_nobody_needs_may_be_empty(data):
    assert len(data(patches=Patches(size=16, stride=8, clean_below=0.01)).pools.numbers("all"))
