from tests.fakes import TINY_PHANTOM

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
