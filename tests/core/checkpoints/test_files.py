import errno
import os
import random

import pytest
import torch

from core.checkpoints import SafeCheckpointIO, files, newest_valid, problem_with, read_checkpoint
from core.checks import InputError, RunError


def checkpoint(value=1.0):
    return {"state_dict": {"w": torch.full((50,), value)}, "epoch": 3}


@pytest.fixture
def saved(tmp_path):
    io = SafeCheckpointIO()
    for step in (1, 2, 3):
        io.save_checkpoint(checkpoint(step), tmp_path / f"resume-{step:08d}.ckpt")
    return tmp_path


def test_what_is_saved_comes_back(saved):
    content = SafeCheckpointIO().load_checkpoint(saved / "resume-00000002.ckpt")
    assert content["state_dict"]["w"].tolist() == [2.0] * 50


def test_saving_leaves_nothing_but_the_file_and_its_digest(saved):
    assert sorted(path.name for path in saved.glob("*1.ckpt*")) == [
        "resume-00000001.ckpt",
        "resume-00000001.ckpt.sha256",
    ]
    assert not list(saved.glob(".*"))


def test_newest_whole_checkpoint_is_chosen(saved):
    assert newest_valid(saved, "resume-*.ckpt").name == "resume-00000003.ckpt"


@pytest.mark.parametrize("keep", [0, 10, 0.5, 0.99])
def test_truncated_file_is_passed_over_by_name(saved, keep):
    newest = saved / "resume-00000003.ckpt"
    content = newest.read_bytes()
    newest.write_bytes(content[: int(keep if keep > 1 else keep * len(content))])
    with pytest.warns(UserWarning, match="resume-00000003.ckpt passed over"):
        assert newest_valid(saved, "resume-*.ckpt").name == "resume-00000002.ckpt"


def test_every_flipped_bit_is_noticed(saved):
    newest = saved / "resume-00000003.ckpt"
    content = newest.read_bytes()
    for position in random.Random(0).sample(range(len(content) * 8), 200):
        torn = bytearray(content)
        torn[position // 8] ^= 1 << position % 8
        newest.write_bytes(torn)
        assert "torn or altered" in problem_with(newest)


def test_missing_file_whose_digest_is_left_is_passed_over(saved):
    (saved / "resume-00000003.ckpt").unlink()
    with pytest.warns(UserWarning, match="the file is missing"):
        assert newest_valid(saved, "resume-*.ckpt").name == "resume-00000002.ckpt"


def test_no_checkpoint_at_all_is_an_error_and_no_fresh_start(tmp_path):
    with pytest.raises(InputError, match="expected a whole checkpoint to resume from, got none"):
        newest_valid(tmp_path, "resume-*.ckpt")


@pytest.mark.filterwarnings("ignore:checkpoint")
def test_only_damaged_checkpoints_is_an_error_and_no_fresh_start(saved):
    for path in saved.glob("*.ckpt"):
        path.write_bytes(b"")
    with pytest.raises(InputError, match="got 3 damaged ones"):
        newest_valid(saved, "resume-*.ckpt")


def test_altered_file_is_never_loaded(saved):
    path = saved / "resume-00000003.ckpt"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(InputError, match="differs from its digest"):
        SafeCheckpointIO().load_checkpoint(path)


def test_full_disk_leaves_the_former_file_whole(saved, monkeypatch):
    path = saved / "resume-00000003.ckpt"

    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunError, match=r"No space left on device; the former file is whole"):
        SafeCheckpointIO().save_checkpoint(checkpoint(9), path)
    assert read_checkpoint(path)["state_dict"]["w"][0] == 3
    assert not list(saved.glob(".*"))


def test_a_kill_between_file_and_digest_leaves_a_valid_pair(saved, monkeypatch):
    path = saved / "resume-00000003.ckpt"
    write, calls = files._write_digests, []

    def first_only(target, digests):
        calls.append(digests)
        if len(calls) == 1:
            write(target, digests)

    monkeypatch.setattr(files, "_write_digests", first_only)
    SafeCheckpointIO().save_checkpoint(checkpoint(9), path)
    assert len(calls) == 2
    assert read_checkpoint(path)["state_dict"]["w"][0] == 9


def test_code_in_a_checkpoint_is_refused(tmp_path):
    class Evil:
        def __reduce__(self):
            return (print, ("executed",))

    torch.save({"state_dict": {}, "evil": Evil()}, tmp_path / "evil.ckpt")
    with pytest.raises(InputError, match="expected a PyTorch checkpoint of plain data"):
        read_checkpoint(tmp_path / "evil.ckpt")


def test_a_text_file_is_no_checkpoint(tmp_path):
    (tmp_path / "x.ckpt").write_text("hello")
    with pytest.raises(InputError, match="x.ckpt: expected a PyTorch checkpoint"):
        read_checkpoint(tmp_path / "x.ckpt")


def test_removing_takes_the_digest_along(saved):
    SafeCheckpointIO().remove_checkpoint(saved / "resume-00000001.ckpt")
    assert not list(saved.glob("*1.ckpt*"))
