"""Files that were damaged at rest are found out, or harmless; the long form is `make chaos`."""

import pytest
from corruption import DAMAGES, FILES, FINE, prepare, verdict_on


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    return prepare(tmp_path_factory.mktemp("rest"))


@pytest.mark.parametrize("kind", FILES)
def test_a_damaged_file_is_found_out_or_harmless(kind, prepared, tmp_path):
    # One of each kind in every run of the tests, and all damages over the kinds together.
    number = list(FILES).index(kind)
    verdict, said = verdict_on(prepared, tmp_path / "work", kind=kind, number=number, seed=0)
    assert verdict in FINE, f"{said}: {verdict}"


def test_the_short_form_does_every_damage_to_some_file():
    assert {number % len(DAMAGES) for number in range(len(FILES))} == set(range(len(DAMAGES)))


def test_a_reader_that_believes_every_record_is_caught(prepared, tmp_path, monkeypatch):
    from wbcray.store import commit, intact

    monkeypatch.setattr(commit, "sha256_hex", lambda _: Believed())
    monkeypatch.setattr(intact, "sha256_hex", lambda _: Believed())
    verdicts = [
        verdict_on(prepared, tmp_path / "work", kind="cell", number=6 * n + 2, seed=0)[0]
        for n in range(8)
    ]
    assert any(verdict not in FINE for verdict in verdicts)


class Believed(str):
    """A hash that equals every other."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, _other):
        return True

    def __ne__(self, _other):
        return False

    def decode(self):
        return self
