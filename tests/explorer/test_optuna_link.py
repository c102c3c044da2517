"""optuna-dashboard beside the explorer: it shows the searches, and nobody can change them."""

import sys
from dataclasses import replace
from http.client import HTTPConnection
from json import loads

import pytest

from wbcray.core.errors import ResourceError
from wbcray.explorer.optuna_link import read_only, start_optuna_dashboard


def answer(link, method, path, **headers):
    """Status and body of a request."""
    address = link.url.split("/")[2]
    connection = HTTPConnection(address, timeout=30)
    connection.request(method, path, headers={"Host": address} | headers)
    response = connection.getresponse()
    found = response.status, response.read()
    connection.close()
    return found


@pytest.fixture(scope="module")
def link(realistic):
    """A running one, with one study of one trial."""
    trials = realistic.trials[:1]
    found = start_optuna_dashboard(replace(realistic, trials=trials))
    yield found
    found.close()


def test_it_answers_on_loopback(link):
    assert link.url.startswith("http://127.0.0.1:")
    assert answer(link, "GET", "/api/meta")[0] == 200


def test_each_study_has_its_page(link):
    (page,) = link.studies.values()
    path = page.removeprefix(link.url.removesuffix("/dashboard/"))
    assert path == "/dashboard/studies/0"
    assert answer(link, "GET", path)[0] == 200


@pytest.mark.parametrize("method", ["DELETE", "POST", "PUT", "PATCH"])
def test_what_would_change_a_study_is_refused_and_it_is_still_there(link, method):
    assert answer(link, method, "/api/studies/0")[0] == 405
    status, body = answer(link, "GET", "/api/studies")
    assert status == 200
    assert [study["study_id"] for study in loads(body)["study_summaries"]] == [0]


def test_a_page_of_another_name_is_refused(link):
    assert answer(link, "GET", "/api/meta", Host="evil.example")[0] == 403


def test_a_client_that_says_nothing_of_compression_is_served():
    seen = {}

    def app(environ, start):
        seen.update(environ)
        start("200 OK", [])
        return [b""]

    guarded = read_only(app, hosts=("here",))
    guarded({"HTTP_HOST": "here", "REQUEST_METHOD": "GET"}, lambda *_: None)
    assert seen["HTTP_ACCEPT_ENCODING"] == "identity"


def test_a_missing_package_is_an_error_with_its_mend(builder, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna_dashboard", None)
    with pytest.raises(ResourceError) as caught:
        start_optuna_dashboard(builder().build())
    assert caught.value.exit_code == 5
    assert caught.value.fix == "pip install wbcray[optuna-ui]"


def test_a_port_in_use_is_an_error(link, builder):
    port = int(link.url.split(":")[2].split("/")[0])
    with pytest.raises(ResourceError, match="cannot be used"):
        start_optuna_dashboard(builder().build(), port=port)
