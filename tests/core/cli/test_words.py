import pytest

from core.checks import InputError
from core.cli.words import parse_words


def test_our_words_are_taken_and_the_rest_is_left_for_the_configuration():
    request = parse_words(["fit", "--config", "paper", "--trainer.max_epochs=3", "--run", "x"])
    assert (request.config, request.run, request.overrides) == (
        ["paper"],
        "x",
        ["--trainer.max_epochs=3"],
    )


def test_resume_without_a_name_means_the_latest_run():
    assert parse_words(["fit", "--resume"]).resume == "latest"


def test_unknown_command_names_the_nearest():
    with pytest.raises(
        InputError, match="command: expected one of .*did you mean 'predict'., got predct"
    ):
        parse_words(["predct"])


def test_test_without_a_checkpoint_is_refused():
    with pytest.raises(
        InputError,
        match="--ckpt: expected a checkpoint or run folder; --allow_untrained measures random",
    ):
        parse_words(["test"])


def test_test_on_random_weights_can_be_asked_for_in_so_many_words():
    assert parse_words(["test", "--allow_untrained"]).allow_untrained


@pytest.mark.parametrize("words", [["fit", "--ckpt", "x"], ["fit", "--ckpt_path=x"]])
def test_fit_from_a_checkpoint_asks_which_of_two_things_is_meant(words):
    with pytest.raises(InputError, match=r"--resume .*--finetune"):
        parse_words(words)


def test_resume_and_finetune_exclude_each_other():
    with pytest.raises(InputError, match="only one of the two"):
        parse_words(["fit", "--resume", "--finetune", "x.ckpt"])


def test_resume_belongs_to_fit():
    with pytest.raises(InputError, match="--resume: expected the command 'fit', got test"):
        parse_words(["test", "--ckpt", "x", "--resume", "y"])


@pytest.mark.parametrize("stage", ["predict", "clean-images", "check-annotations"])
@pytest.mark.parametrize("missing", ["--ckpt", "--input", "--output"])
def test_commands_over_a_folder_name_what_is_missing(stage, missing):
    words = [
        w for word in ("--ckpt", "--input", "--output") if word != missing for w in (word, "x")
    ]
    with pytest.raises(InputError, match=f"{missing}: expected given with '{stage}'"):
        parse_words([stage, *words])


FOLDERS = ["--ckpt", "x", "--input", "x", "--output", "y"]


def test_words_of_cleaning_and_checking_are_taken():
    cleaning = parse_words(["clean-images", *FOLDERS, "--whole", "--scale", "0.5"])
    assert (cleaning.whole, cleaning.scale) == (True, 0.5)
    assert parse_words(["clean-images", *FOLDERS, "--scale", "fit"]).scale == "fit"
    checking = parse_words(["check-annotations", *FOLDERS, "--required", "one", "two"])
    assert checking.required == ["one", "two"]


@pytest.mark.parametrize(
    ("stage", "word", "belongs"),
    [
        ("predict", ["--whole"], "clean-images"),
        ("check-annotations", ["--scale", "2"], "clean-images"),
        ("clean-images", ["--required", "one"], "check-annotations"),
    ],
)
def test_words_of_one_command_are_refused_by_others(stage, word, belongs):
    with pytest.raises(
        InputError, match=f"{word[0]}: expected the command '{belongs}', got {stage}"
    ):
        parse_words([stage, *FOLDERS, *word])


def test_a_scale_that_is_none_is_refused():
    with pytest.raises(InputError, match="--scale: .*'half'"):
        parse_words(["clean-images", *FOLDERS, "--scale", "half"])


@pytest.mark.parametrize("option", [["--data.size=[9,9]"], ["--config", "paper"]])
def test_tools_go_by_their_checkpoint_alone(option):
    with pytest.raises(
        InputError, match=f"expected no option of the configuration.*{option[-1][:5]}"
    ):
        parse_words(["clean-images", *FOLDERS, *option])


def test_reproduce_asks_for_a_table():
    with pytest.raises(InputError, match="--table"):
        parse_words(["reproduce"])
