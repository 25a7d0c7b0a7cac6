import json

import pytest

from core.run_keys import KEYS


def keys_of(run_dir):
    return json.loads((run_dir / "summary.json").read_text())["keys"]


def test_a_run_has_every_key(trained):
    found = keys_of(trained)
    assert tuple(found) == KEYS
    assert (found["project"], found["dataset"]) == ("nerve_noisy_act", "NervePhantom")
    assert found["split"].startswith("HoldoutSplit ")
    assert found["simulated"] is True
    assert len(found["config_hash"]) == 12


@pytest.mark.slow
def test_a_test_of_a_checkpoint_keeps_the_method_it_was_trained_by(first, command):
    done = command("test", "--ckpt", first, "--run", "again", "--config", "folds")
    assert done.code == 0, done.err
    again = keys_of(first.with_name("again"))
    assert again["method"] == f"{keys_of(first)['method']} + folds"


@pytest.mark.slow
def test_repetitions_share_hash_and_method(fit):
    one, other = (
        keys_of(fit(f"seed{seed}", f"--seed_everything={seed}", "--trainer.max_epochs=1")[1])
        for seed in (3, 4)
    )
    assert [keys["seed"] for keys in (one, other)] == [3, 4]
    assert {key for key in KEYS if one[key] != other[key]} == {"seed"}
