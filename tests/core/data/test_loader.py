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


def test_a_long_epoch_goes_through_all_samples_again_each_turn_in_an_order_of_its_own():
    keys = list(sampler(per_epoch=25, repeat=True))
    turns = [[key.row for key in keys if key.turn == turn] for turn in range(3)]
    assert [len(rows) for rows in turns] == [10, 10, 5]
    assert all(sorted(rows) == list(range(10)) for rows in turns[:2])
    assert turns[0] == [key.row for key in sampler()]
    assert turns[1] != turns[0]
    assert turns[2] != turns[1][:5]


def test_a_long_epoch_can_be_short_too():
    short = sampler(per_epoch=7, repeat=True)
    assert list(short) == list(sampler(per_epoch=7))
    assert len(short) == 7


def test_other_epochs_and_seeds_repeat_in_other_orders():
    ours = sampler(per_epoch=20, repeat=True)
    first = list(ours)
    ours.set_epoch(1)
    assert [key.row for key in ours][10:] != [key.row for key in first][10:]
    assert list(sampler(per_epoch=20, repeat=True, seed=2))[10:] != first[10:]


@pytest.mark.parametrize("world_size", [2, 3, 4])
def test_ranks_share_a_long_epoch(world_size):
    options = {"per_epoch": 25, "repeat": True}
    whole = [(key.row, key.turn) for key in sampler(**options)]
    ranks = [list(sampler(**options, rank=r, world_size=world_size)) for r in range(world_size)]
    assert {len(keys) for keys in ranks} == {len(sampler(**options, world_size=world_size))}
    own = [(key.row, key.turn) for keys in ranks for key in keys if not key.is_padding]
    assert sorted(own) == sorted(whole)


def test_a_long_epoch_is_resumed_where_it_was_in_a_later_turn():
    options = {"per_epoch": 25, "repeat": True}
    whole = indices(ResumableLoader(Keys(), sampler(**options)))
    resumed = ResumableLoader(Keys(), sampler(**options))
    resumed.load_state_dict({"epoch": 0, "batches": 5})
    assert indices(resumed) == whole[15:]
    assert len(resumed) == 9


def test_no_samples_make_an_empty_epoch():
    assert list(sampler(0)) == []
    assert len(sampler(0, per_epoch=5, repeat=True)) == 0
