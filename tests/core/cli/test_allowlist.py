"""No code of others runs because a config names it."""

import sys

import pytest
import torch
import yaml

NETWORK = {"class_path": "planted.Network", "init_args": {"width": 3}}


@pytest.fixture
def planted(cwd, monkeypatch):
    """A module on the import path that leaves a file when it is imported."""
    canary = cwd / "imported"
    (cwd / "planted.py").write_text(
        f"open({str(canary)!r}, 'w').close()\n"
        "import torch\n"
        "class Network(torch.nn.Module):\n    def __init__(self, width=1): super().__init__()\n"
    )
    monkeypatch.syspath_prepend(cwd)
    yield canary
    sys.modules.pop("planted", None)


def refused(done, canary):
    assert done.code == 2
    assert len(done.err.splitlines()) == 1
    assert "planted.Network" in done.err
    assert "not allowed" in done.err
    assert not canary.exists()
    assert "planted" not in sys.modules


def test_a_class_from_elsewhere_is_refused_unimported(command, planted):
    refused(command("fit", "--model.network=planted.Network"), planted)


def test_a_class_from_elsewhere_in_an_overlay_is_refused_unimported(command, planted, cwd):
    overlay = {"model": {"init_args": {"network": NETWORK}}}
    (cwd / "mine.yaml").write_text(yaml.safe_dump(overlay))
    refused(command("fit", "--config", "mine.yaml"), planted)


def test_a_class_from_elsewhere_in_a_checkpoint_is_refused_unimported(command, planted, first):
    path = first / "checkpoints" / "best.ckpt"
    content = torch.load(path, weights_only=True)
    config = yaml.safe_load(content["sonolab"]["config"])
    config["model"]["init_args"]["network"] = NETWORK
    content["sonolab"]["config"] = yaml.safe_dump(config)
    torch.save(content, path.with_name("foreign.ckpt"))
    refused(command("test", "--ckpt", path.with_name("foreign.ckpt")), planted)


def test_a_class_from_elsewhere_beside_a_misspelt_key_is_not_imported_either(command, planted, cwd):
    network = {**NETWORK, "init_args": {"wdth": 3}}
    overlay = {"model": {"init_args": {"network": network, "thresold": 0.4}}}
    (cwd / "mine.yaml").write_text(yaml.safe_dump(overlay))
    assert command("fit", "--config", "mine.yaml").code == 2
    assert not planted.exists()
