import pandas as pd
import pytest

from tests.fakes import NERVE, TINY_PHANTOM, write_cines

KAGGLE = ["--data.source=core.data.KaggleNerve", "--data.source.root=train"]


def test_good_images_are_counted_and_the_split_is_told(command, kaggle):
    done = command("check-data", *KAGGLE)
    assert done.code == 0, done.err
    assert "12 images of 3 subjects, all readable; split: train 4, val 4, test 4" in done.out


def test_all_that_is_wrong_is_told_at_once(command, kaggle):
    (kaggle / "1_1.tif").write_bytes(b"")
    (kaggle / "2_3.tif").write_bytes(b"torn")
    done = command("check-data", *KAGGLE)
    assert done.code == 2
    assert "1_1.tif: expected an image file, got an empty file (0 bytes)" in done.out
    assert "2_3.tif: expected a whole" in done.out
    assert done.err == "error: 2 problems in 12 images, listed above\n"


def test_contradictory_labels_are_listed_and_pictured(command, cwd, kaggle):
    (kaggle / "1_2.tif").write_bytes((kaggle / "1_1.tif").read_bytes())
    done = command("check-data", *KAGGLE)
    assert done.code == 0, done.err
    assert "1 pairs of frames look alike and are labelled differently" in done.out
    folder = cwd / "runs" / "nerve_noisy_act" / "check-data"
    assert "1_1,1_2" in (folder / "contradictions.csv").read_text()
    assert list(folder.rglob("contradictions.png"))


def test_simulated_images_can_be_checked_too(command):
    done = command("check-data", *TINY_PHANTOM)
    assert done.code == 0, done.err
    assert "15 images of 5 subjects, all readable" in done.out


def check_cines(command, cwd, replaced, *options):
    """Check the cines of `write_cines`, with the cells of their labels.csv replaced."""
    csv = write_cines(cwd / "cines")
    pd.read_csv(csv).replace(replaced).to_csv(csv, index=False)
    words = ["check-data", "--config=cines", f"--data.source.csv={csv}", *options]
    return command(*words, project=NERVE.parent / "echo_views")


@pytest.mark.slow  # draws figures
def test_labelled_cines_are_counted_in_the_order_of_the_models_classes(command, cwd):
    order = ["SUB4C", "PLAX", "A2C", "A3C", "A4C", "A5C", "SAXBASAL", "SAXMID"]
    classes = f"--model.classes=[{','.join(order)}]"
    done = check_cines(command, cwd, {}, classes, f"--output={cwd / 'counted'}")
    assert done.code == 0, done.err
    counts = pd.read_csv(cwd / "counted" / "statistics.csv")
    assert counts.iloc[:8, 0].tolist() == order


def test_labels_without_a_class_are_problems_with_their_counts(command, cwd):
    done = check_cines(command, cwd, {"A2C": "A2c"})
    assert done.code == 2
    assert done.err == "error: 1 problems in 96 images, listed above\n"
    assert "label 'A2c' of 12 images: expected one of model.classes (A2C, " in done.out
    assert "SUB4C), did you mean 'A2C'?; data.select can leave others out" in done.out


@pytest.mark.slow  # draws figures
def test_labels_that_are_not_selected_are_no_problem(command, cwd):
    selected = "--data.select.view=[A3C,A4C,A5C,PLAX,SAXBASAL,SAXMID,SUB4C]"
    assert check_cines(command, cwd, {"A2C": "A2c"}, selected).code == 0
