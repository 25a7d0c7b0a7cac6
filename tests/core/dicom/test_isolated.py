import contextlib
import fcntl
import json
import multiprocessing
import os
import pickle
import signal
import stat
import subprocess
import sys
import time
from mmap import mmap
from pathlib import Path

import numpy as np
import pytest

from core.checks import InputError
from core.dicom.answers import SHARED, answer_of
from core.dicom.isolated import DecodingError, _State, isolated
from core.dicom.worker import MEMORY, OUT_OF_MEMORY

ROOT = Path(__file__).parents[3]


def process():
    return os.getpid()


def pixels(*shape):
    return np.full(shape, 7, np.uint16)


def several():
    return [np.full((3, 5), 1, np.uint8), np.full(4, 2, np.uint16)]


def crash():
    os.kill(os.getpid(), signal.SIGSEGV)


def hang():
    while True:
        pass


def grow(size):
    return len(bytearray(size))


def refuse():
    raise InputError("a.dcm: expected this, got that")


def fail():
    raise KeyError("first line\nsecond line")


def complain():
    os.write(1, b"CANARY")
    os.write(2, b"CANARY")
    return 1


def leave(code):
    os._exit(code)


def take_over(said):
    """Answer for the worker, as a decoder can that a file has taken over."""
    for number in (int(entry.name) for entry in Path("/proc/self/fd").iterdir()):
        with contextlib.suppress(OSError):
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                os.write(number, said)
    hang()


def shrink_the_memory():
    for entry in Path("/proc/self/fd").iterdir():
        if "memfd:frames" in str(entry.readlink()):
            os.ftruncate(int(entry.name), 0)
    return 1


class Harm:
    """What, unpickled, makes a folder."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def call(function, *args, seconds=2.0):
    return isolated(function, *args, seconds=seconds)


def test_another_process_answers_and_is_used_again():
    first = call(process)
    assert first != os.getpid()
    assert call(process) == first


def test_arrays_come_back_as_the_callers_own():
    first, second = call(pixels, 3, 4), call(pixels, 5)
    first += 1
    np.testing.assert_array_equal(first, np.full((3, 4), 8, np.uint16))
    np.testing.assert_array_equal(second, np.full(5, 7, np.uint16))


def test_lists_of_arrays_come_back_one_by_one():
    first, second = call(several)
    np.testing.assert_array_equal(first, np.full((3, 5), 1, np.uint8))
    np.testing.assert_array_equal(second, np.full(4, 2, np.uint16))
    assert not np.shares_memory(first, second)


def test_crash_is_an_error_and_the_next_call_is_answered():
    former = call(process)
    with pytest.raises(DecodingError, match=r"the decoder crashed \(SIGSEGV\)"):
        call(crash)
    assert call(process) not in (former, os.getpid())


def test_hanging_call_is_ended():
    start = time.process_time()
    with pytest.raises(DecodingError, match="decoding takes too long"):
        call(hang, seconds=0.2)
    assert time.process_time() - start < 1  # of this process
    assert call(process)


def test_idle_time_between_calls_does_not_count():
    former = call(process)
    for _ in range(5):
        call(grow, 10_000_000, seconds=0.1)
    assert call(process) == former


def test_memory_is_limited():
    assert call(grow, 2**20) == 2**20
    with pytest.raises(DecodingError, match=r"needs more than 2 GiB of memory"):
        call(grow, MEMORY)


def test_frame_larger_than_the_shared_memory_is_refused():
    with pytest.raises(DecodingError, match="a frame of"):
        call(pixels, SHARED // 2 + 1)


def test_what_a_taken_over_decoder_answers_is_not_run(tmp_path):
    with pytest.raises(DecodingError, match="nonsense"):
        call(take_over, pickle.dumps(Harm(tmp_path / "made")) + b"\n")
    assert not (tmp_path / "made").exists()
    assert call(process)


NONSENSE = [
    *('["object", 1]', "[]", "{}", "7", '["array", []]', '["array", [[[2], "|O8"]]]', "[" * 9000),
    *('["arrays", [[[1e9], "|u1"]]]', '["array", [[[-1], "|u1"]]]', '["array", [[[2]]]]'),
    *(f'["array", [[[{SHARED + 1}], "|u1"]]]', '["array", [[[2], "<M8"]]]', "\xff", "x" * 70_000),
]


@pytest.mark.parametrize("said", NONSENSE)
def test_nonsense_is_no_answer(said):
    with mmap(-1, SHARED) as shared, pytest.raises(ValueError):  # noqa: PT011 - in many words
        answer_of(said.encode("latin-1"), shared)


def test_more_frames_than_the_memory_holds_are_no_answer():
    half = [[SHARED // 2 + 1], "|u1"]
    with mmap(-1, SHARED) as shared, pytest.raises(ValueError, match="buffer is too small"):
        answer_of(json.dumps(["arrays", [half, half]]).encode(), shared)


@pytest.mark.skipif(not hasattr(fcntl, "F_SEAL_SHRINK"), reason="memory cannot be sealed here")
def test_the_shared_memory_cannot_be_taken_away():
    with pytest.raises(DecodingError, match="not permitted"):
        call(shrink_the_memory)
    assert call(pixels, 4).tolist() == [7] * 4


def test_ends_of_the_worker_are_told_apart():
    with pytest.raises(DecodingError, match="^out of memory$"):
        call(leave, OUT_OF_MEMORY)
    with pytest.raises(DecodingError, match="^the decoder ended with code 3$"):
        call(leave, 3)


def test_missing_decoders_are_named(monkeypatch, tmp_path):
    (tmp_path / "imagecodecs.py").write_text("raise ModuleNotFoundError('no imagecodecs')")
    (tmp_path / "core").symlink_to(ROOT / "core")
    monkeypatch.setattr("core.dicom.isolated._ROOT", tmp_path)
    monkeypatch.setattr("core.dicom.isolated._state", _State())
    with pytest.raises(DecodingError, match="^the decoders cannot be loaded: no imagecodecs$"):
        call(process)


def test_input_errors_keep_their_words():
    with pytest.raises(InputError, match=r"^a\.dcm: expected this, got that$"):
        call(refuse)


def test_other_errors_become_one_line():
    with pytest.raises(DecodingError) as caught:
        call(fail)
    assert "\n" not in str(caught.value)


def test_what_a_decoder_prints_gets_nowhere(capfd):
    assert call(complain) == 1
    assert tuple(capfd.readouterr()) == ("", "")


def test_worker_killed_while_idle_is_replaced():
    former = call(process)
    os.kill(former, signal.SIGKILL)
    time.sleep(0.1)
    assert call(process) != former


def _in_a_fork(answers):
    answers.put(call(process))


def test_fork_gets_a_worker_of_its_own():
    former = call(process)
    context = multiprocessing.get_context("fork")
    answers = context.Queue()
    child = context.Process(target=_in_a_fork, args=(answers,))
    child.start()
    theirs = answers.get(timeout=60)
    child.join(60)
    assert child.exitcode == 0
    assert theirs != former
    assert call(process) == former
    _ended(theirs)


def test_worker_ends_with_its_process_without_a_word():
    code = (
        "from core.dicom.isolated import isolated; import os, sys; "
        "from tests.core.dicom.test_isolated import process; "
        "assert 'torch' not in sys.modules; print(isolated(process, seconds=2.0))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error::ResourceWarning", "-c", code],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    assert done.stderr == ""
    _ended(int(done.stdout))


def _ended(number):
    """Wait until a process is gone, or a zombie that nobody waits for."""
    for _ in range(100):
        status = Path(f"/proc/{number}/stat")
        if not status.exists() or " Z " in status.read_text():
            return
        time.sleep(0.05)
    raise AssertionError(f"process {number} lives on")
