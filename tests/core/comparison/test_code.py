import pytest

from core.checkout import git
from core.comparison.code import code_differences


@pytest.fixture
def checkout(tmp_path):
    git(tmp_path, "init", "-b", "main")
    git(tmp_path, "config", "user.name", "a")
    git(tmp_path, "config", "user.email", "a@b")
    return tmp_path


def commit(checkout, path, text, message):
    """Commit one file, and return what a run of it would record."""
    (checkout / path).parent.mkdir(parents=True, exist_ok=True)
    (checkout / path).write_text(text)
    git(checkout, "add", ".")
    git(checkout, "commit", "-m", message)
    return {"commit": git(checkout, "rev-parse", "HEAD"), "dirty": False, "changes": None}


def dirty(state, changes):
    return state | {"dirty": True, "changes": changes}


def test_one_commit_is_no_difference(checkout):
    state = commit(checkout, "core/a.py", "1\n", "first")
    assert code_differences(state, state, "x", checkout) == []


def test_commits_and_files_between_are_listed(checkout):
    first = commit(checkout, "core/a.py", "1\n", "first")
    commit(checkout, "projects/y/b.py", "1\n", "of another project")
    second = commit(checkout, "core/a.py", "2\n", "a changed")
    lines = code_differences(first, second, "x", checkout)
    assert lines[0] == f"commit  A {first['commit'][:12]}, B {second['commit'][:12]}"
    assert lines[1] == "commits of B alone:"
    assert [line.split(" ", 3)[3] for line in lines[2:3]] == ["a changed"]
    assert lines[3] == "files, from A to B:"
    assert lines[4].split() == ["core/a.py", "|", "2", "+-"]
    assert not any("another project" in line or "b.py" in line for line in lines)


def test_commits_of_two_branches_are_told_apart(checkout):
    start = commit(checkout, "core/a.py", "1\n", "first")
    left = commit(checkout, "core/a.py", "2\n", "left")
    git(checkout, "checkout", "-b", "other", start["commit"])
    right = commit(checkout, "core/a.py", "3\n", "right")
    lines = code_differences(left, right, "x", checkout)
    assert lines[1] == "commits of B alone:"
    assert lines[2].endswith(" right")
    assert lines[3] == "commits of A alone:"
    assert lines[4].endswith(" left")


def test_commits_elsewhere_change_nothing_that_counts(checkout):
    first = commit(checkout, "README.md", "1", "first")
    second = commit(checkout, "README.md", "2", "second")
    assert code_differences(first, second, "x", checkout)[1:] == [
        "core and projects/x are the same"
    ]


def test_many_commits_are_shortened(checkout):
    first = commit(checkout, "core/a.py", "0\n", "first")
    for number in range(1, 31):
        last = commit(checkout, "core/a.py", f"{number}\n", f"number {number}")
    lines = code_differences(first, last, "x", checkout)
    log = lines[lines.index("commits of B alone:") + 1 : lines.index("files, from A to B:")]
    assert len(log) == 16
    assert log[0].endswith(" number 30")
    assert log[-2] == "  ... 15 more"
    assert log[-1].endswith(" number 1")


def test_an_unknown_commit_is_said_to_be_so(checkout):
    state = commit(checkout, "core/a.py", "1\n", "first")
    lines = code_differences(state, state | {"commit": "0" * 40}, "x", checkout)
    assert lines[1] == "the commit of B is not known in this checkout"


def test_a_run_without_a_checkout_is_unknown():
    state = {"commit": "0" * 40, "dirty": False}
    assert code_differences(state, None, "x") == [
        "unknown for B, which did not run from a git checkout"
    ]


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("abc", "abc", []),
        ("abc", "def", ["uncommitted changes in both, other ones"]),
        ("abc", None, ["uncommitted changes in both; not known whether the same"]),
    ],
)
def test_uncommitted_changes_are_told_by_their_digest(checkout, first, second, said):
    state = commit(checkout, "core/a.py", "1\n", "first")
    found = code_differences(dirty(state, first), dirty(state, second), "x", checkout)
    assert found == said


def test_uncommitted_changes_of_one_run_are_its_own(checkout):
    state = commit(checkout, "core/a.py", "1\n", "first")
    found = code_differences(state, dirty(state, "abc"), "x", checkout)
    assert found == ["uncommitted changes in B alone"]
