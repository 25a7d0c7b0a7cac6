import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.checks import InputError, RunError
from core.commands import Parser, run_command


def failing(error):
    def work():
        raise error

    return work


def test_work_that_is_done_says_its_own_code(capsys):
    assert (run_command(lambda: 0), run_command(lambda: 1)) == (0, 1)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(("kind", "code"), [(InputError, 2), (RunError, 1)])
def test_what_goes_wrong_is_one_line(monkeypatch, capsys, kind, code):
    monkeypatch.delenv("SONOLAB_DEBUG", raising=False)
    assert run_command(failing(kind("a.png: torn\n  in two"))) == code
    assert capsys.readouterr() == ("", "error: a.png: torn in two\n")


def test_debugging_keeps_the_traceback(monkeypatch):
    monkeypatch.setenv("SONOLAB_DEBUG", "1")
    with pytest.raises(InputError, match="torn"):
        run_command(failing(InputError("torn")))


def test_other_errors_are_ours_and_stay_whole():
    with pytest.raises(ZeroDivisionError):
        run_command(lambda: 1 // 0)


def test_ctrl_c_is_no_traceback(capsys):
    assert run_command(failing(KeyboardInterrupt())) == 130
    assert capsys.readouterr() == ("", "stopped\n")


@pytest.mark.parametrize("lines", [1, 100_000])  # fails at the end, or on the way
def test_a_reader_that_leaves_ends_it_silently(lines):
    code = (
        "import sys; from core.commands import run_command\n"
        f"def work():\n    print('line\\n' * {lines}); return 0\n"
        "sys.exit(run_command(work))"
    )
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-c", code],
        stdout=writing,
        stderr=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--size", "x"], "argument --size: invalid int value: 'x'; --help lists the options"),
        (["--sise", "3"], "unrecognized arguments: --sise 3; --help lists the options"),
    ],
)
def test_a_wrong_option_is_an_input_error(words, message):
    parser = Parser()
    parser.add_argument("--size", type=int)
    with pytest.raises(InputError) as caught:
        parser.parse_args(words)
    assert str(caught.value) == message
