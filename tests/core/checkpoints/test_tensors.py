import pytest
import torch
from safetensors.torch import save_file

from core.checkpoints import read_tensors
from core.checks import InputError

TENSORS = {"w": torch.arange(3.0), "b": torch.ones(2, 2)}


def same(tensors):
    return tensors.keys() == TENSORS.keys() and all(
        torch.equal(tensors[name], TENSORS[name]) for name in TENSORS
    )


def test_a_state_dict_gives_its_tensors(tmp_path):
    torch.save({**TENSORS, "version": 3}, tmp_path / "a.pth")
    save_file(TENSORS, tmp_path / "a.safetensors")
    assert same(read_tensors(tmp_path / "a.pth", "weights"))
    assert same(read_tensors(tmp_path / "a.safetensors", "weights"))


def test_a_run_folder_gives_those_of_its_best_checkpoint(tmp_path):
    (tmp_path / "checkpoints").mkdir()
    torch.save({"epoch": 1, "state_dict": TENSORS}, tmp_path / "checkpoints" / "best.ckpt")
    assert same(read_tensors(tmp_path, "weights"))
    assert same(read_tensors(tmp_path / "checkpoints" / "best.ckpt", "weights"))


def test_an_altered_file_is_never_loaded(tmp_path):
    torch.save(TENSORS, tmp_path / "a.pth")
    (tmp_path / "a.pth.sha256").write_text(f"{'0' * 64}  a.pth\n")
    with pytest.raises(InputError, match=r"weights .*a\.pth: expected mine, got .*torn or altered"):
        read_tensors(tmp_path / "a.pth", "mine")


def test_a_folder_that_is_no_run_is_named_with_the_file_it_lacks(tmp_path):
    with pytest.raises(InputError, match=r"weights .*best\.ckpt: expected mine, got the file is"):
        read_tensors(tmp_path, "mine")


def test_a_single_tensor_has_no_names(tmp_path):
    torch.save(torch.ones(3), tmp_path / "a.pth")
    with pytest.raises(InputError, match="expected mine, got Tensor"):
        read_tensors(tmp_path / "a.pth", "mine")
