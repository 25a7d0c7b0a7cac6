from core.dotted import find, flatten

NETWORK = {"class_path": "core.networks.A", "init_args": {"width": 8, "names": []}}
CONFIG = {"model": {"class_path": "core.tasks.Task", "init_args": {"network": NETWORK}}, "seed": 0}


def test_dotted_keys_may_leave_out_init_args():
    assert find(CONFIG, "model.network.width") == 8


def test_an_absent_key_is_none():
    assert find(CONFIG, "model.network.depth.more") is None


def test_flat_keys_leave_out_init_args_and_hold_classes_too():
    assert dict(flatten(CONFIG)) == {
        "model": "core.tasks.Task",
        "model.network": "core.networks.A",
        "model.network.width": 8,
        "model.network.names": [],
        "seed": 0,
    }
