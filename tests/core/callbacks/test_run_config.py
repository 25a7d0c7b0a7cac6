import yaml

from core.callbacks import RunConfig

CONFIG = {
    "model": {
        "network": {"encoder_weights": "imagenet", "parts": [{"weights": ["a.pth"], "width": 8}]}
    }
}


def test_a_checkpoints_card_asks_for_no_file_of_weights():
    """It holds them itself, and the file may be gone by then."""
    network = yaml.safe_load(RunConfig("paper", CONFIG).card)["model"]["network"]
    assert network == {"encoder_weights": None, "parts": [{"weights": None, "width": 8}]}


def test_the_run_folders_config_says_where_they_came_from():
    assert yaml.safe_load(RunConfig("paper", CONFIG).text) == CONFIG
