import pytest

from wbcray.core.errors import RefusedError
from wbcray.core.sample import Catalog, Sample
from wbcray.core.split import Fold, Split
from wbcray.data.audit.duplicates import Link
from wbcray.data.audit.guard import lifted, refuse_leakage
from wbcray.data.audit.leakage import leakage, patients_in_two_domains

NONE = leakage(Catalog(samples=(), classes=(), domains=()), {}, ())


def link(first, second):
    return Link(first=first, second=second, likeness=0.95, exact=False)


def catalog(patients=(None,) * 6, labels="abab" + "ab"):
    """Images 0 to 3 of the domain home, 4 and 5 of the domain away."""
    return Catalog(
        samples=tuple(
            Sample(path=f"{k}.png", label=label, domain="home" if k < 4 else "away", patient=name)
            for k, (name, label) in enumerate(zip(patients, labels, strict=True))
        ),
        classes=("a", "b"),
        domains=("away", "home"),
    )


def splits():
    """Two folds of home, 0 and 1 against 2 and 3; two of away, 4 against 5."""
    home = Split(
        held_out="away",
        sources=("home",),
        folds=(
            Fold(number=0, train=(2, 3), validation=(0, 1)),
            Fold(number=1, train=(0, 1), validation=(2, 3)),
        ),
        test=(4, 5),
    )
    away = Split(
        held_out="home",
        sources=("away",),
        folds=(
            Fold(number=0, train=(5,), validation=(4,)),
            Fold(number=1, train=(4,), validation=(5,)),
        ),
        test=(0, 1, 2, 3),
    )
    return {"away": home, "home": away}


def test_a_pair_in_one_fold_does_not_leak():
    assert not leakage(catalog(), splits(), [link(0, 1), link(2, 3)])


def test_a_pair_in_two_folds_of_a_domain_leaks():
    found = leakage(catalog(), splits(), [link(0, 1), link(0, 2), link(4, 5)])
    assert found.folds == (link(0, 2), link(4, 5))
    assert found.domains == ()
    assert found


def test_a_pair_in_two_domains_leaks_when_either_is_held_out():
    found = leakage(catalog(), splits(), [link(1, 4)])
    assert (found.folds, found.domains) == ((), (link(1, 4),))


def test_a_patient_in_training_and_validation_leaks():
    found = leakage(catalog(("p", "q", "q", "r", "p", None)), splits(), [])
    assert found.patients == (("home", "q"),)
    assert found


def test_the_same_name_in_two_domains_is_told_apart_from_a_leak():
    named = catalog(("p", "p", "q", "q", "p", None))
    assert not leakage(named, splits(), [])
    assert patients_in_two_domains(named) == ("p",)


def test_without_leakage_nothing_is_refused_or_written(tmp_path):
    refuse_leakage(catalog(), NONE, tmp_path / "list.csv")
    assert list(tmp_path.iterdir()) == []


def test_the_refusal_counts_pairs_names_the_first_and_lists_all(tmp_path):
    found = leakage(catalog(), splits(), [link(0, 2), link(1, 4), link(1, 5)])
    with pytest.raises(RefusedError) as caught:
        refuse_leakage(catalog(), found, tmp_path / "cache" / "list.csv")
    assert caught.value.what == (
        "leakage: 3 pairs of images show one picture on both sides of a split (1 across folds of "
        "a domain, 2 across domains), e.g. home/0.png and home/2.png"
    )
    assert "data check --write-ignore" in caught.value.fix
    assert "allow: [leakage]" in caught.value.fix
    assert caught.value.where == str(tmp_path / "cache" / "list.csv")
    assert (tmp_path / "cache" / "list.csv").read_text() == (
        "crosses,first_domain,first_path,first_label,second_domain,second_path,second_label,"
        "likeness\n"
        "folds,home,0.png,a,home,2.png,a,0.950\n"
        "domains,home,1.png,b,away,4.png,a,0.950\n"
        "domains,home,1.png,b,away,5.png,b,0.950\n"
    )


def test_a_patient_in_two_domains_of_one_table_leaks():
    named = catalog(("p", "p", "q", "q", "p", None))
    one_table = {"home": "labels.csv", "away": "labels.csv"}
    found = leakage(named, splits(), [], origins=one_table)
    assert ("labels.csv", "p") in found.patients


def test_patients_are_counted_in_the_refusal_and_named_in_the_listing_alone(tmp_path):
    found = leakage(catalog(("p", "q-17", "q-17", "r", None, None)), splits(), [])
    with pytest.raises(RefusedError, match="leakage: 1 patient on two sides of a split") as caught:
        refuse_leakage(catalog(), found, tmp_path / "list.csv")
    assert "q-17" not in str(caught.value)
    assert "keep each patient in one domain" in caught.value.fix
    assert "patient,home,q-17" in (tmp_path / "list.csv").read_text()


@pytest.mark.parametrize(
    ("allowed", "labels", "links", "expected"),
    [
        (("leakage", "single_class"), "ababab", [], []),
        (("leakage",), "ababab", [link(0, 2)], ["leakage"]),
        ((), "ababab", [link(0, 2)], []),
        (("leakage", "single_class"), "ababaa", [link(0, 2)], ["leakage", "single_class"]),
    ],
)
def test_only_guard_rails_that_were_in_the_way_count_as_lifted(allowed, labels, links, expected):
    images = catalog(labels=labels)
    assert lifted(allowed, images, leakage(images, splits(), links)) == expected
