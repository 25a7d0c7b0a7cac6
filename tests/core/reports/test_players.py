import numpy as np
import pandas as pd
from PIL import Image

from core.reports.players import player_plots

GAME = pd.DataFrame(
    {
        "epoch": [0, 1, 2],
        "train/loss": [5.0, 4.0, 3.0],
        "train/discriminator": [2.8, 2.6, 2.5],
        "train/d_clean": [1.4, 1.3, 1.2],
        "train/d_corrupted": [1.4, 1.3, 1.3],
        "train/g_clean": [0.7, 0.9, 1.1],
        "train/reconstruction": [0.1, 0.2, 0.3],
        "val/loss": [1.0, 0.9, 0.8],
    }
)


def test_players_and_other_terms_stand_apart(tmp_path):
    players, terms = player_plots(GAME)
    assert "discriminator, clean from 1.4 to 1.2" in players.alt
    assert "restorer, clean from 0.7 to 1.1" in players.alt
    assert terms.alt == "Terms beside the game over 3 epochs: reconstruction from 0.1 to 0.3."
    for plot in (players, terms):
        assert np.asarray(Image.open(plot.save(tmp_path)).convert("L")).std() > 5


def test_a_training_without_a_game_shows_its_terms_alone():
    columns = {"epoch": [0], "train/loss": [1.0], "train/pretext": [0.4], "train/segmentation": 0.6}
    (terms,) = player_plots(pd.DataFrame(columns))
    assert terms.title == "Terms"
    assert "pretext from 0.4 to 0.4" in terms.alt


def test_a_training_of_one_loss_has_nothing_to_show():
    assert player_plots(pd.DataFrame({"epoch": [0], "train/loss": [1.0]})) == []
    assert player_plots(pd.DataFrame()) == []


def test_accuracy_is_no_term():
    columns = {"epoch": [0], "train/loss": [1.0], "train/accuracy": [0.5]}
    assert player_plots(pd.DataFrame(columns)) == []
