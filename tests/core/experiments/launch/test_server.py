"""The process that cells are forked from."""

from pathlib import Path

import pytest

from core.experiments.launch.client import PRELOAD, CellServer
from tests.core.experiments.launch.conftest import until

SERVER_THREADS = """
import os, sys, torch
from pathlib import Path
threads = len(os.listdir(f"/proc/{os.getppid()}/task"))
Path("told.txt").write_text(f"{threads} {torch.cuda.is_initialized()} {torch.get_num_threads()}")
"""


@pytest.mark.slow
def test_it_has_one_thread_and_no_gpu_so_that_a_fork_is_safe(task, place):
    (place / "projects" / "fake" / "__main__.py").write_text(SERVER_THREADS)
    server = CellServer(1, PRELOAD)
    try:
        server.start(task(), {})
        server.ended()
    finally:
        server.close()
    assert Path("told.txt").read_text() == "1 False 1"
    until(lambda: not server.alive)
