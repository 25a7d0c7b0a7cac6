import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from PIL import Image

from core.reports.patch_pools import POOLS, _bins, patch_pictures, plot_measures, plot_pool

TABLE = pd.DataFrame(
    {
        "measure": [0.0, 0.5, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0],
        "pool": ["background", *["clean"] * 3, "neither", *["corrupted"] * 3],
    }
)


def test_histogram_counts_each_pool_on_its_side_of_the_thresholds():
    axes = plot_measures(TABLE, 2.0, 4.0).figure.axes[0]
    assert [round(line.get_xdata()[0], 6) for line in axes.lines] == [2, 4]
    counted = dict.fromkeys(POOLS.values(), 0)
    for bar in axes.patches:
        counted[to_hex(bar.get_facecolor())] += round(bar.get_height())
    assert list(counted.values()) == [3, 1, 3]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        "clean 3",
        "neither 1",
        "corrupted 3",
    ]


def test_histogram_is_described_in_numbers():
    assert plot_measures(TABLE, 2.0, 4.0).alt == (
        "7 training patches: 3 clean, 1 neither, 3 corrupted; "
        "median of the mean vertical edge 3.00 grey levels."
    )


@pytest.mark.parametrize(
    ("thresholds", "highest"), [((2, 4), 9.7), ((3, 3), 9.7), ((0, 5), 2.0), ((2, 4), 200)]
)
def test_bars_end_at_the_thresholds_and_hold_every_measure(thresholds, highest):
    bins = np.array(_bins(*thresholds, highest))
    for threshold in thresholds:
        assert np.abs(bins - threshold).min() == pytest.approx(0, abs=1e-9)
    assert bins[0] <= 0
    assert bins[-1] > highest
    assert 30 <= len(bins) <= 130


def test_patches_are_shown_in_full_range_over_their_measure(tmp_path):
    patches = [(np.full((8, 8), 40 * n, np.uint8), 0.5 * n) for n in range(3)]
    plot = plot_pool(TABLE, "clean", patches)
    shown = [axes for axes in plot.figure.axes if axes.images]
    assert [axes.get_title() for axes in shown] == ["0.00", "0.50", "1.00"]
    assert {axes.images[0].get_clim() for axes in shown} == {(0, 255)}
    assert plot.title == "Clean: 3 of 7 patches"
    assert plot.alt == "Patches that are clean, measuring 0.50 to 2.00."
    assert np.asarray(Image.open(plot.save(tmp_path)).convert("L")).std() > 5


def test_page_shows_what_the_training_has_drawn(tmp_path):
    assert patch_pictures(tmp_path) == []
    TABLE.to_csv(tmp_path / "patches.csv", index=False)
    assert patch_pictures(tmp_path) == []
    (tmp_path / "figures").mkdir()
    plots = [plot_measures(TABLE, 2, 4), plot_pool(TABLE, "corrupted", [])]
    for plot in plots:
        plot.save(tmp_path / "figures")
    assert [vars(picture) for picture in patch_pictures(tmp_path)] == [
        {"name": plot.name, "title": plot.title, "alt": plot.alt} for plot in plots
    ]
