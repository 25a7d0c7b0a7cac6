"""The program is killed while people label; what was acknowledged is there afterwards."""

import http.client
import json
import random
import sys
import threading
import time

import pytest

from core.labelling.store import LabelStore
from tests.core.labelling.conftest import write_cine

KILLS, CLIENTS = 50, 4
VIEWS = ("A2C", "A4C", "PLAX")


class Client(threading.Thread):
    """Labels as fast as it can, until the program is gone, and notes what was acknowledged."""

    def __init__(self, program, name, seed):
        super().__init__(daemon=True)
        self.program, self.who, self.rng = program, name, random.Random(seed)
        self.acknowledged = []  # (cine, version, view)

    def run(self):
        self.connection = http.client.HTTPConnection("127.0.0.1", self.program.port, timeout=10)
        try:
            while True:
                self.label()
        except (OSError, http.client.HTTPException, json.JSONDecodeError):
            pass  # killed

    def ask(self, action, **fields):
        port, token = self.program.port, self.program.token
        headers = {
            "Origin": f"http://127.0.0.1:{port}",
            "Cookie": f"labelling_{port}={token}",
            "Content-Type": "application/json",
        }
        self.connection.request(
            "POST", f"/api/{action}", json.dumps({"labeller": self.who, **fields}), headers
        )
        answer = self.connection.getresponse()
        return answer.status, json.loads(answer.read())

    def label(self):
        status, said = self.ask("open", number=self.rng.randint(1, 3))
        if status != 200:
            return  # the folder is being read
        item, view = said["item"], self.rng.choice(VIEWS)
        status, _ = self.ask("label", item=item["id"], version=item["version"], frame=0, view=view)
        if status == 200:
            self.acknowledged.append((item["id"], item["version"], view))


def kept(path):
    """Read the file without the program's own code; (cine, labeller, version): view."""
    store = LabelStore(path)
    check = store._base.execute("PRAGMA integrity_check").fetchone()[0]
    rows = store._base.execute("SELECT cine, labeller, version, view FROM events").fetchall()
    store.close()
    assert check == "ok"
    return {row[:3]: row[3] for row in rows}


def lost(path, clients):
    rows = kept(path)
    return [
        (client.who, cine, version)
        for client in clients
        for cine, version, view in client.acknowledged
        if rows.get((cine, client.who, version)) != view
    ]


def work_until_killed(start, folder, tmp_path, rng):
    program = start(folder)
    clients = [Client(program, f"L{number}", rng.random()) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    while not any(client.acknowledged for client in clients) and clients[0].is_alive():
        time.sleep(0.01)
    time.sleep(rng.random())
    program.kill()
    for client in clients:
        client.join()
    assert lost(tmp_path / "labels.sqlite", clients) == []
    return sum(len(client.acknowledged) for client in clients)


@pytest.fixture
def small(tmp_path):
    for number in range(3):
        write_cine(tmp_path / "cines" / f"c{number}", frames=2, seed=number, size=(8, 8))
    return tmp_path / "cines"


@pytest.mark.slow
def test_no_acknowledged_label_is_lost_in_many_kills(start, small, tmp_path, capsys):
    rng = random.Random(0)
    count = sum(work_until_killed(start, small, tmp_path, rng) for _ in range(KILLS))
    with capsys.disabled():
        sys.stdout.write(
            f"\n{KILLS} kills, {CLIENTS} clients: {count} labels acknowledged, 0 lost\n"
        )
    assert count > 10 * KILLS
