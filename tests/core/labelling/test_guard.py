"""What the page refuses, and that it then has read and changed nothing."""

import json

import pytest

from tests.core.labelling.conftest import PORT, TOKEN

GOOD = {
    "host": f"127.0.0.1:{PORT}",
    "origin": f"http://127.0.0.1:{PORT}",
    "cookie": f"labelling_{PORT}={TOKEN}",
    "content-type": "application/json",
}
BODY = json.dumps({"labeller": "Anna"})


def send(browser, method="POST", path="/api/next", body=BODY, **changed):
    """A good request, but for some headers; None leaves one out."""
    headers = {name.replace("_", "-"): value for name, value in changed.items()}
    kept = {name: value for name, value in (GOOD | headers).items() if value is not None}
    browser.client.cookies.clear()
    browser.client.headers.pop("host", None)
    return browser.client.request(method, path, content=body, headers=kept)


def test_what_the_page_itself_sends_passes(browser):
    assert send(browser).status_code == 200
    assert (
        send(browser, host=f"localhost:{PORT}", origin=f"http://localhost:{PORT}").status_code
        == 200
    )


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", f"evil.example:{PORT}", "127.0.0.1", f"127.0.0.1:{PORT + 1}", ""),
        *(f"127.0.0.1:{PORT}.evil.example", f"0.0.0.0:{PORT}", f"127.0.0.2:{PORT}", "localhost"),
    ],
)
def test_foreign_hosts_are_refused(browser, host, method):
    answer = send(browser, method, "/api/setup" if method == "GET" else "/api/next", host=host)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "origin",
    [
        *(None, "null", "http://evil.example", f"https://127.0.0.1:{PORT}", "http://127.0.0.1"),
        *(f"http://localhost:{PORT}", f"http://127.0.0.1:{PORT}.evil.example", "file://"),
    ],
)
def test_writes_from_elsewhere_are_refused(browser, origin):
    assert send(browser, origin=origin).status_code == 403


@pytest.mark.parametrize(
    "cookie",
    [
        *(None, "", f"labelling_{PORT}=", f"labelling_{PORT}=wrong", f"labelling_1={TOKEN}"),
        *(f"labelling_{PORT}={TOKEN}x", f"labelling_{PORT}={TOKEN.upper()}", f"x={TOKEN}", "=;=;"),
    ],
)
@pytest.mark.parametrize("path", ["/", "/page.js", "/labels.csv", "/api/setup", "/nowhere"])
def test_nothing_is_shown_without_the_token(browser, cookie, path):
    answer = send(browser, "GET", path, None, cookie=cookie)
    assert answer.status_code == 403
    assert "address that the labelling program printed" in answer.text


@pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1], "%00", "é"])
def test_a_wrong_token_in_the_address_is_refused(browser, token):
    assert send(browser, "GET", f"/?token={token}", None, cookie=None).status_code == 403


def test_the_token_opens_the_page_only_and_not_its_requests(browser):
    for path in ("/labels.csv", "/api/setup"):
        answer = send(browser, "GET", f"{path}?token={TOKEN}", None, cookie=None)
        assert answer.status_code == 403
    assert send(browser, path=f"/api/next?token={TOKEN}", cookie=None).status_code == 403


def test_the_first_request_is_given_a_cookie_that_scripts_and_other_sites_do_not_get(browser):
    answer = send(browser, "GET", f"/?token={TOKEN}", None, cookie=None)
    expected = f"labelling_{PORT}={TOKEN}; Path=/; HttpOnly; SameSite=Strict"
    assert (answer.status_code, answer.headers["set-cookie"]) == (200, expected)
    assert TOKEN not in answer.text


@pytest.mark.parametrize("path", ["/", "/page.css", "/labels.csv", "/nowhere", "/api/setup"])
def test_every_answer_forbids_storing_framing_and_foreign_content(browser, path):
    headers = browser.get(path).headers
    assert headers["cache-control"] == "no-store"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in headers


SECRET = "a line of a file that is none of the page's business"


@pytest.mark.parametrize(
    "path",
    [
        *("/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/%2e%2e%2fsecret.txt"),
        *("/....//secret.txt", "/..\\secret.txt", "/%252e%252e/secret.txt"),
        *("/cines/../secret.txt/frames/0-0", "/cines/..%2fsecret.txt/frames/0-0"),
        *("/cines/%2e%2e/frames/0-0", "/cines/%00/frames/0-0", "/cines/link/frames/0-0"),
        *("/cines/cine0/frames/0-0", "/cines/cine0%2fframe_000.png/frames/0-0", "/%00"),
        *("{secret}", "/cines/{secret}/frames/0-0", "/page.css/../secret.txt", "/page.css%00.js"),
        *(
            "/server.py",
            "/__main__.py",
            "/%2e/__init__.py",
            "/cines//frames/0-0",
            "/cines/*/frames/0-0",
        ),
    ],
)
def test_no_address_leads_to_a_file(browser, cines, path):
    secret = cines.parent / "secret.txt"
    secret.write_text(SECRET)
    (cines / "link").symlink_to(secret)
    answer = browser.get(path.replace("{secret}", str(secret)))
    assert answer.status_code == 404
    assert SECRET not in answer.text
    assert "import" not in answer.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "BREW"])
@pytest.mark.parametrize("path", ["/", "/api/label"])
def test_other_methods_are_refused(browser, method, path):
    assert send(browser, method, path).status_code == 405


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/api/label"), ("POST", "/"), ("POST", "/labels.csv")]
)
def test_methods_are_not_mixed_up(browser, method, path):
    assert send(browser, method, path).status_code == 405


def test_large_bodies_are_refused_unread(browser):
    assert send(browser, body=" " * 4096).status_code == 400
    assert send(browser, body=" " * 4097).status_code == 413
    assert send(browser, content_length="9" * 5000).status_code == 413


@pytest.mark.parametrize("length", ["-1", "1e3", "x", "", "+5"])
def test_lengths_are_numbers(browser, length):
    assert send(browser, content_length=length).status_code == 411


def test_a_body_of_unknown_length_is_refused(browser):
    assert send(browser, body=iter([b"{}"])).status_code == 411


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", None])
def test_only_json_is_taken(browser, kind):
    assert send(browser, content_type=kind).status_code == 415


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "null", "1", '"x"', "[" * 4000, b"\xff\xfe", "NaN", '{"labeller": 1}']
)
def test_other_bodies_are_refused(browser, body):
    answer = send(browser, body=body)
    assert answer.status_code == 400
    assert "expected" in answer.json()["message"]
