import numpy as np
import pytest
import torch

from core.data.loader import EpochSampler, ResumableLoader, SampleKey


class Keys(torch.utils.data.Dataset):
    def __getitem__(self, key: SampleKey):
        return {
            "index": key.row,
            "epoch": key.epoch,
            "is_padding": key.is_padding,
            "id": str(key.row),
        }


def sampler(n=10, **options):
    return EpochSampler(np.arange(n), **{"batch_size": 3, "shuffle": True, "seed": 1, **options})


def indices(loader):
    return [index for batch in loader for index in batch["index"].tolist()]


@pytest.mark.parametrize("epoch", [0, 1, 7])
def test_every_epoch_yields_each_sample_once(epoch):
    ours = sampler()
    ours.set_epoch(epoch)
    assert sorted(key.row for key in ours) == list(range(10))


def test_order_changes_with_the_epoch_and_repeats_with_it():
    ours = sampler()
    first = list(ours)
    ours.set_epoch(1)
    assert [key.row for key in ours] != [key.row for key in first]
    ours.set_epoch(0)
    assert list(ours) == first


def test_order_follows_the_seed():
    assert list(sampler(seed=1)) != list(sampler(seed=2))


@pytest.mark.parametrize("world_size", [2, 3, 4])
def test_ranks_share_the_samples_and_run_equally_long(world_size):
    ranks = [list(sampler(rank=rank, world_size=world_size)) for rank in range(world_size)]
    assert len({len(keys) for keys in ranks}) == 1
    own = [key.row for keys in ranks for key in keys if not key.is_padding]
    assert sorted(own) == list(range(10))


@pytest.mark.parametrize("workers", [0, 2])
def test_loader_goes_on_after_the_batches_it_has_served(workers):
    whole = indices(ResumableLoader(Keys(), sampler(), workers=workers))
    loader = ResumableLoader(Keys(), sampler(), workers=workers)
    iterator = iter(loader)
    served = [next(iterator)["index"].tolist() for _ in range(2)]
    resumed = ResumableLoader(Keys(), sampler(), workers=workers)
    resumed.load_state_dict(loader.state_dict())
    assert [*served[0], *served[1], *indices(resumed)] == whole


def test_the_epoch_after_a_resumed_one_is_whole():
    loader = ResumableLoader(Keys(), sampler())
    loader.load_state_dict({"epoch": 3, "batches": 2})
    assert len(indices(loader)) == 4
    loader.sampler.set_epoch(4)
    assert sorted(indices(loader)) == list(range(10))


def test_length_is_that_of_a_whole_epoch_even_after_a_resume():
    loader = ResumableLoader(Keys(), sampler())
    loader.load_state_dict({"epoch": 3, "batches": 2})
    assert len(loader) == 4


def test_iterating_draws_nothing_from_the_global_random_stream():
    before = torch.get_rng_state()
    indices(ResumableLoader(Keys(), sampler()))
    assert torch.equal(before, torch.get_rng_state())


def test_strings_stay_a_list():
    batch = next(iter(ResumableLoader(Keys(), sampler(shuffle=False))))
    assert batch["id"] == ["0", "1", "2"]


@pytest.mark.parametrize("world_size", [1, 2, 3])
def test_a_short_epoch_is_the_beginning_of_the_whole_one(world_size):
    short = [list(sampler(per_epoch=7, rank=r, world_size=world_size)) for r in range(world_size)]
    assert {len(keys) for keys in short} == {len(sampler(per_epoch=7, world_size=world_size))}
    own = {key.row for keys in short for key in keys if not key.is_padding}
    assert own == {key.row for key in list(sampler())[:7]}


def test_short_epochs_are_of_other_samples_each():
    ours = sampler(per_epoch=4)
    seen = []
    for epoch in range(20):
        ours.set_epoch(epoch)
        seen.append({key.row for key in ours})
    assert all(len(rows) == 4 for rows in seen)
    assert set.union(*seen) == set(range(10))


def test_an_epoch_cannot_be_longer_than_there_are_samples():
    assert list(sampler(per_epoch=99)) == list(sampler())
    assert len(sampler(per_epoch=99)) == 10
