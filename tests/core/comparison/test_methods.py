import numpy as np

from core.comparison.methods import differing, group, settings_table, shown
from tests.core.comparison.made_runs import segmentation


def test_runs_that_differ_by_seed_alone_are_repetitions(tmp_path):
    runs = [segmentation(tmp_path / f"relu-s{seed}", seed=seed) for seed in (0, 1)]
    runs.append(segmentation(tmp_path / "noisy", noise=0.1))
    methods, left_out = group(runs)
    assert [(method.name, len(method.runs)) for method in methods] == [("relu", 2), ("noisy", 1)]
    assert left_out == []


def test_the_same_seed_again_is_no_further_repetition(tmp_path):
    runs = [segmentation(tmp_path / name) for name in ("first", "again")]
    methods, left_out = group(runs)
    assert [len(method.runs) for method in methods] == [1]
    assert left_out == ["again: the same settings and seed as first; left out"]


def test_other_data_makes_another_method(tmp_path):
    runs = [segmentation(tmp_path / data, data=data, seed=k) for k, data in enumerate("xy")]
    assert len(group(runs)[0]) == 2


def test_names_of_the_house_give_way_to_what_differs(tmp_path):
    runs = [segmentation(tmp_path / f"cell-{k}", noise=noise) for k, noise in enumerate((0.0, 0.1))]
    assert [method.name for method in group(runs)[0]] == ["0.0", "0.1"]


def test_many_differences_are_named_by_what_was_asked_for(tmp_path):
    asked = {
        "cell-0": ("small + unet", "Phantom region=wrist"),
        "cell-1": ("small + tanh", "Phantom region=arm"),
        "cell-2": ("small", "Phantom region=arm"),
    }
    runs = [segmentation(tmp_path / name, noise=k / 10) for k, name in enumerate(asked)]
    for run, (method, dataset) in zip(runs, asked.values(), strict=True):
        run.folder.summary["keys"] = {"method": method, "dataset": dataset}
        run.settings.update({f"data.of_{run.name}.{number}": number for number in range(4)})
    names = [method.name for method in group(runs)[0]]
    assert names == ["unet region=wrist", "tanh region=arm", "region=arm"]


def test_runs_with_names_of_the_house_are_known_by_their_method_and_seed(tmp_path):
    runs = [
        segmentation(tmp_path / f"cell-{noise}-{seed}", noise=noise, seed=seed)
        for noise in (0.0, 0.1)
        for seed in (0, 1)
    ]
    names = [[run.name for run in method.runs] for method in group(runs)[0]]
    assert names == [["0.0 seed 0", "0.0 seed 1"], ["0.1 seed 0", "0.1 seed 1"]]


def test_names_are_never_the_same(tmp_path):
    roots = [tmp_path / f"{kind}" / "net-s0" for kind in "ab"]
    repeats = [tmp_path / f"{kind}" / "net-s1" for kind in "ab"]
    noises = dict(zip("ab", (0.0, 0.1), strict=True))
    runs = [
        segmentation(root, seed=int(root.name[-1]), noise=noises[root.parent.name])
        for root in (*roots, *repeats)
    ]
    names = [method.name for method in group(runs)[0]]
    assert len(set(names)) == 2


def test_only_settings_that_differ_are_shown(tmp_path):
    runs = [segmentation(tmp_path / f"r{noise}", noise=noise) for noise in (0.0, 0.1)]
    table = settings_table(group(runs)[0])
    assert table.rows == [["model.network.act.noise", "0.0", "0.1"]]
    assert settings_table(group(runs[:1])[0]) is None


def test_arguments_of_a_class_are_shown_where_those_that_have_it_differ(tmp_path):
    runs = [segmentation(tmp_path / f"r{noise}", noise=noise) for noise in (0.0, 0.1, 0.2)]
    settings = runs[2].settings
    settings["model.network.act"] = "torch.nn.ReLU"
    del settings["model.network.act.noise"]
    shown_rows = [row[0] for row in settings_table(group(runs)[0]).rows]
    assert shown_rows == ["model.network.act", "model.network.act.noise"]
    assert [row[0] for row in settings_table(group(runs[1:])[0]).rows] == ["model.network.act"]


def test_what_one_has_and_another_has_not_differs():
    assert differing([{"a": 1, "b": 2}, {"a": 1}, {"a": 1, "c": None}]) == ["b"]


def test_settings_are_shown_without_folders_and_rooms():
    assert shown("core.layers.NoisyTanh") == "NoisyTanh"
    assert shown("/mnt/pacs/JANSSON_EVA/nerves") == "nerves"
    assert shown(None) == "\N{EN DASH}"
    assert shown([1, 2]) == "[1, 2]"


def test_values_of_images_tell_the_run(tmp_path):
    runs = [segmentation(tmp_path / f"r-s{k}", seed=k, off=(k,)) for k in (0, 1)]
    [method] = group(runs)[0]
    values = method.image_values("test/dice")
    assert values.groupby("run")["value"].mean().round(6).tolist() == [1.0, round(11 / 12, 6)]
    np.testing.assert_allclose(method.values("test/dice"), [1, 11 / 12])
