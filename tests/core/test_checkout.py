import subprocess

import pytest

from core.checkout import CHECKOUT, git


def test_the_checkout_is_that_of_this_code():
    assert (CHECKOUT / "core" / "checkout.py").is_file()


def test_git_answers_without_white_space_around(tmp_path):
    git(tmp_path, "init")
    assert git(tmp_path, "rev-parse", "--is-inside-work-tree") == "true"


def test_what_git_refuses_is_an_error(tmp_path):
    with pytest.raises(subprocess.CalledProcessError):
        git(tmp_path, "log")
