"""Small folders of cines, and the labelling page over them: in this process, and as a program."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from core.labelling.catalogue import Catalogue
from core.labelling.desk import Desk
from core.labelling.server import application
from core.labelling.store import LabelStore
from core.labelling.views import TITLES

ROOT = Path(__file__).parents[3]
PORT, TOKEN = 4711, "the-token"


def write_cine(folder, *, frames, seed, size=(24, 32)):
    """A folder of numbered grey pictures."""
    folder.mkdir(parents=True)
    noise = np.random.default_rng(seed).integers(0, 255, (frames, *size), np.uint8)
    for number, frame in enumerate(noise):
        Image.fromarray(frame).save(folder / f"frame_{number:03d}.png")
    return folder


@pytest.fixture
def cines(tmp_path):
    """Three cines of 6 frames, and one of a single frame."""
    root = tmp_path / "cines"
    for number in range(3):
        write_cine(root / f"cine{number}", frames=6, seed=number)
    write_cine(root / "still", frames=1, seed=9)
    return root


@pytest.fixture
def catalogue(cines):
    found = Catalogue(cines)
    found.scan(pytest.fail)
    return found


@pytest.fixture
def store(tmp_path):
    opened = LabelStore(tmp_path / "labels.sqlite")
    yield opened
    opened.close()


class Browser:
    """Asks as the page does; whatever is given differs from that."""

    def __init__(self, app):
        cookies = {f"labelling_{PORT}": TOKEN}
        self.origin = f"http://127.0.0.1:{PORT}"
        self.client = TestClient(app, base_url=self.origin, cookies=cookies)

    def get(self, path, **options):
        return self.client.get(path, **options)

    def post(self, action, labeller="Anna", headers=(), **fields):
        sent = {"origin": self.origin, "content-type": "application/json", **dict(headers)}
        content = json.dumps({"labeller": labeller, **fields})
        return self.client.post(f"/api/{action}", content=content, headers=sent)

    def next(self, labeller="Anna", **fields):
        return self.post("next", labeller, **fields).json()["item"]

    def do(self, action, item, labeller="Anna", **fields):
        """Change a cine as it was seen."""
        return self.post(action, labeller, item=item["id"], version=item["version"], **fields)


@pytest.fixture
def app(catalogue, store):
    desk = Desk(catalogue, store, list(TITLES), "")
    return application(catalogue, store, desk, port=PORT, token=TOKEN)


@pytest.fixture
def browser(app):
    return Browser(app)


class Program:
    """`python -m core.labelling` in its own process."""

    def __init__(self, folder, labels, *options):
        command = [sys.executable, "-m", "core.labelling", "--input", folder, "--labels", labels]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(
            [*map(str, command), "--no-browser", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=labels.parent,
            env=environment,
        )
        self.url = self.process.stdout.readline().strip()
        self.port = int(self.url.split(":")[2].split("/")[0])
        self.token = self.url.split("=")[1]

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def ask(self, request):
        """Send bytes as they are, and return what comes back."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(request)
            parts = []
            while part := connection.recv(1 << 16):
                parts.append(part)
        return b"".join(parts)


@pytest.fixture
def start(tmp_path):
    """Start the program on a folder; what still runs at the end is killed."""
    started = []

    def begin(folder, *options):
        started.append(Program(folder, tmp_path / "labels.sqlite", *options))
        return started[-1]

    yield begin
    for program in started:
        if program.process.poll() is None:
            program.kill()
