"""Who may read the dashboard, and what every answer says to the browser."""

import http.client
import json
from urllib.parse import quote

import pytest

from wbcray.explorer.dashboard.access import access_to
from wbcray.explorer.dashboard.server import address


def ask(served, path="/", *, method="GET", body=None, **headers):
    """Status, headers and text of one request."""
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=20)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body=body, headers=names)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, answer.headers, text


def test_loopback_needs_no_token(served):
    assert ask(served)[0] == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8050", "127.0.0.1.evil.example", ""]
)
def test_another_name_in_the_host_header_is_refused(served, host):
    assert ask(served, Host=host)[0] == 421


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:80", "127.0.0.1", "[::1]:8050"])
def test_every_name_of_loopback_is_answered(served, host):
    assert ask(served, Host=host)[0] == 200


def test_another_page_may_not_ask(served):
    body = json.dumps({"output": "version.data"})
    status, _, _ = ask(
        served,
        "/_dash-update-component",
        method="POST",
        body=body,
        Content_Type="application/json",
        Origin="http://evil.example",
    )
    assert status == 403


def test_without_the_token_nothing_is_shown(guarded):
    for path in ("/", "/methods", "/_dash-layout", "/numbers/shift.csv", "/assets/explorer.css"):
        status, _, text = ask(guarded, path, Host="192.0.2.7")
        assert status == 403, path
        assert "wbcray explore" in text


@pytest.mark.parametrize("token", ["", "x" * 43, "\N{LATIN SMALL LETTER E WITH ACUTE}"])
def test_a_wrong_token_is_refused(guarded, token):
    assert ask(guarded, f"/?token={quote(token)}", Host="192.0.2.7")[0] == 403


def test_the_token_becomes_a_cookie_and_leaves_the_address(guarded):
    path = f"/methods?folds=1&token={guarded.access.token}"
    status, headers, _ = ask(guarded, path, Host="192.0.2.7")
    assert status == 303
    assert headers["Location"] == "/methods?folds=1"
    cookie = headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    name = cookie.partition(";")[0]
    assert ask(guarded, "/methods", Host="192.0.2.7", Cookie=name)[0] == 200


def test_the_token_leads_to_no_other_host(guarded):
    path = f"//evil.example/?token={guarded.access.token}"
    assert ask(guarded, path, Host="192.0.2.7")[1]["Location"] == "/evil.example/"


def test_every_start_has_a_token_of_its_own():
    first, second = (access_to("192.0.2.7", 8050).token for _ in range(2))
    assert first != second
    assert len(first) >= 43


def test_the_address_holds_the_token_only_where_one_is_asked_for():
    guarded = access_to("192.0.2.7", 8050)
    assert address(guarded, "192.0.2.7") == f"http://192.0.2.7:8050/?token={guarded.token}"
    assert address(access_to("127.0.0.1", 8050), "127.0.0.1") == "http://127.0.0.1:8050/"


def test_answers_forbid_frames_and_foreign_scripts(served):
    _, headers, _ = ask(served)
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in policy.partition("style-src")[0]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"


def test_a_request_that_is_too_long_is_refused(served):
    status, _, _ = ask(
        served,
        "/_dash-update-component",
        method="POST",
        body="x" * (2 << 20),
        Content_Type="application/json",
    )
    assert status == 413


def test_an_error_in_a_callback_shows_no_stack_trace(served):
    status, _, text = ask(
        served,
        "/_dash-update-component",
        method="POST",
        body=json.dumps({"output": "nothing.like.this", "inputs": [], "changedPropIds": []}),
        Content_Type="application/json",
    )
    assert status >= 400
    assert "Traceback" not in text
    assert "site-packages" not in text


def test_numbers_come_as_csv_without_formulas(served, builder):
    right = [[9, 1, 0], [1, 9, 0], [0, 0, 5]]
    run = builder(domains=["home", "=1+1"])
    for fold in (0, 1):
        for method in ("erm", "coral"):
            run.cell(method, "=1+1", fold, validation={"home": right}, unseen=right)
    before = served.live.snapshot().tables
    served.show(run.build())
    status, headers, text = ask(served, "/numbers/differences.csv")
    served.show(before)
    assert status == 200
    assert headers["Content-Disposition"] == 'attachment; filename="differences.csv"'
    assert "'=1+1" in text
    assert ",=1+1" not in text


def test_there_are_no_numbers_of_other_things(served):
    assert ask(served, "/numbers/nothing.csv")[0] == 404
