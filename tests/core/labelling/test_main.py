import os
import socket
import subprocess
import sys
import time

import pytest

from core.labelling.__main__ import main
from core.labelling.history import Event
from core.labelling.store import LabelStore
from tests.core.labelling.conftest import ROOT


def get(program, path="/", host=None, *headers):
    host = host or f"127.0.0.1:{program.port}"
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}", "Connection: close", *headers]
    return program.ask(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))


def status(answer):
    return int(answer.split(b" ", 2)[1]) if answer else None


@pytest.mark.slow
def test_over_a_real_socket_only_the_right_requests_are_answered(start, cines):
    program = start(cines)
    cookie = f"Cookie: labelling_{program.port}={program.token}"
    assert status(get(program, f"/?token={program.token}")) == 200
    assert status(get(program, "/api/setup", None, cookie)) == 200
    assert status(get(program)) == 403
    assert status(get(program, "/", "evil.example", cookie)) == 403
    assert status(get(program, "/", f"evil.example:{program.port}", cookie)) == 403
    assert status(get(program, "/", None, f"Host: 127.0.0.1:{program.port}", cookie)) in (400, 403)
    for path in (
        "/../x",
        "//etc/passwd",
        "/..%2f..%2fetc%2fpasswd",
        "http://evil.example/",
        "/%00",
    ):
        answer = get(program, path, None, cookie)
        assert status(answer) in (400, 403, 404)
        assert b"root:" not in answer
    chunked = f"POST /api/next HTTP/1.1\r\nHost: 127.0.0.1:{program.port}\r\n{cookie}\r\nOrigin: http://127.0.0.1:{program.port}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    assert status(program.ask(chunked.encode())) == 411


@pytest.mark.slow
def test_it_listens_on_this_machine_only(start, cines):
    program = start(cines)
    with open("/proc/net/tcp") as table:  # noqa: PTH123
        lines = [line.split() for line in table][1:]
    bound = [
        line[1] for line in lines if line[3] == "0A" and line[1].endswith(f":{program.port:04X}")
    ]
    assert bound == [f"0100007F:{program.port:04X}"]
    with socket.socket() as other:
        assert other.connect_ex(("127.0.0.2", program.port)) != 0


@pytest.mark.slow
def test_it_is_there_without_torch(cines, tmp_path):
    code = (
        "import sys; from core.labelling.__main__ import main; import core.labelling.server, uvicorn;"
        "print([name for name in ('torch', 'cv2', 'pandas', 'matplotlib', 'av') if name in sys.modules])"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment
    )
    assert done.stdout == "[]\n"


@pytest.mark.slow
def test_ctrl_c_ends_it_at_once(start, cines):
    program = start(cines)
    begun = time.monotonic()
    program.process.send_signal(2)
    assert program.process.wait(timeout=10) == 0
    assert time.monotonic() - begun < 5


@pytest.fixture
def labelled(cines, catalogue, store):
    store.add(Event(catalogue.items[0].digest, "Anna", 0, "label", 0, "A4C"))
    return cines


def test_labels_are_exported_by_a_command(labelled, tmp_path, capsys):
    out = labelled / "labels.csv"  # where training looks for it
    words = ["--input", labelled, "--labels", tmp_path / "labels.sqlite", "--export", out]
    assert main(list(map(str, words))) == 0
    said = (
        "1 labels of 1 cines (A4C 1); 1 cines name no patient: each counts as a subject of its own"
    )
    assert capsys.readouterr().out == f"{out}: {said}\n"
    assert out.read_text().splitlines()[1] == "cine0,cine0,,0,5,A4C,Anna"
    assert main(list(map(str, words))) == 0  # the tables are no cines


@pytest.mark.slow
def test_labels_are_exported_while_the_page_is_open(labelled, start, tmp_path, capsys):
    program, out = start(labelled), labelled / "labels.csv"
    words = ["--input", labelled, "--labels", tmp_path / "labels.sqlite", "--export", out]
    assert main(list(map(str, words))) == 0
    assert program.process.poll() is None
    assert len(out.read_text().splitlines()) == 2


def test_labels_are_kept_by_default_under_the_name_of_the_input(
    labelled, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    assert main(["--input", "cines", "--export", "labels.csv"]) == 2
    assert "labels/cines.sqlite: expected a file of labels" in capsys.readouterr().err
    LabelStore(tmp_path / "labels" / "cines.sqlite").close()
    assert main(["--input", "cines", "--export", "labels.csv"]) == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--input", "nowhere"], "nowhere: expected a folder of cines, got nothing of that name"),
        ([], "the following arguments are required: --input"),
        (["--input", ".", "--port", "70000"], "--port: expected 0 to 65535, got 70000"),
        (["--input", ".", "--labeller", "a;b"], "labeller: expected 1 to 30 letters"),
        (["--input", "cines", "--views", "A4C", "A4C"], "--views: expected each view once"),
        (["--input", "cines", "--views", "UNKNOWN"], "--views: expected names of letters"),
        (["--input", "cines", "--views", "<b>"], "--views: expected names of letters"),
        (["--input", "cines", "--views", *(f"V{n}" for n in range(40))], "--views: expected 1 to "),
    ],
)
def test_wrong_options_are_one_line(cines, tmp_path, monkeypatch, capsys, words, message):
    monkeypatch.chdir(tmp_path)
    assert main([*words, "--no-browser"]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"error: {message}")
    assert error.count("\n") == 1


def test_a_taken_port_is_named(cines, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["--input", "cines", "--port", str(port), "--no-browser"]) == 2
    assert f"--port: expected a free one, got {port}" in capsys.readouterr().err
