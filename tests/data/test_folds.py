from collections import Counter

import pytest

from wbcray.core.errors import DataError
from wbcray.core.sample import Catalog, Sample
from wbcray.data.folds import make_splits, thin_classes

CLASSES = ("blast", "monocyte")


def catalog(**domains):
    """A catalog of `domain={class: images}`."""
    samples = [
        Sample(path=f"{label}/{number}.png", label=label, domain=domain)
        for domain in sorted(domains)
        for label, images in domains[domain].items()
        for number in range(images)
    ]
    return Catalog(samples=tuple(samples), classes=CLASSES, domains=tuple(sorted(domains)))


def with_patients(*patients, domain="a"):
    """One domain with one image a patient given, its class alternating; and another domain."""
    samples = [
        Sample(path=f"{i}.png", label=CLASSES[i % 2], domain=domain, patient=patient)
        for i, patient in enumerate(patients)
    ]
    other = [Sample(path=f"{i}.png", label=CLASSES[i % 2], domain="b") for i in range(12)]
    return Catalog(samples=(*samples, *other), classes=CLASSES, domains=(domain, "b"))


THREE = catalog(
    a={"blast": 10, "monocyte": 5}, b={"blast": 5, "monocyte": 5}, c={"blast": 10, "monocyte": 10}
)


def names(catalog, positions, domain):
    return {catalog.samples[i].path for i in positions if catalog.samples[i].domain == domain}


def test_every_domain_is_held_out_once():
    assert set(make_splits(THREE, folds=5, seed=0)) == {"a", "b", "c"}


def test_the_test_part_is_the_held_out_domain_whole():
    test = make_splits(THREE, folds=5, seed=0)["b"].test
    assert test == tuple(range(15, 25))


def test_every_source_image_is_validated_in_one_fold_and_learned_from_in_the_others():
    split = make_splits(THREE, folds=5, seed=0)["b"]
    validated = Counter(i for fold in split.folds for i in fold.validation)
    learned = Counter(i for fold in split.folds for i in fold.train)
    sources = [*range(15), *range(25, 45)]
    assert validated == Counter(sources)
    assert learned == Counter(dict.fromkeys(sources, 4))


def test_folds_hold_equal_shares_of_each_class_of_each_domain():
    folds = make_splits(THREE, folds=5, seed=0)["b"].folds
    pairs = [
        Counter((THREE.samples[i].domain, THREE.samples[i].label) for i in fold.validation)
        for fold in folds
    ]
    share = {("a", "blast"): 2, ("a", "monocyte"): 1, ("c", "blast"): 2, ("c", "monocyte"): 2}
    assert pairs == [share] * 5


def test_a_domain_has_the_same_folds_whatever_is_held_out():
    splits = make_splits(THREE, folds=5, seed=0)
    of_b = [names(THREE, fold.validation, "a") for fold in splits["b"].folds]
    of_c = [names(THREE, fold.validation, "a") for fold in splits["c"].folds]
    assert of_b == of_c


def test_a_new_domain_does_not_change_the_folds_of_the_others():
    more = catalog(
        a={"blast": 10, "monocyte": 5},
        aa={"blast": 6},
        b={"blast": 5, "monocyte": 5},
        c={"blast": 10, "monocyte": 10},
    )
    before = make_splits(THREE, folds=5, seed=0)["b"].folds
    after = make_splits(more, folds=5, seed=0)["b"].folds
    assert [names(THREE, fold.validation, "c") for fold in before] == [
        names(more, fold.validation, "c") for fold in after
    ]


def test_the_same_seed_gives_the_same_folds():
    assert make_splits(THREE, folds=3, seed=4) == make_splits(THREE, folds=3, seed=4)


def test_another_seed_gives_other_folds():
    assert make_splits(THREE, folds=3, seed=4) != make_splits(THREE, folds=3, seed=5)


def test_no_patient_is_on_two_sides():
    found = with_patients(*[f"P{i // 4}" for i in range(24)])  # six patients with four images each
    for fold in make_splits(found, folds=3, seed=0)["b"].folds:
        train = {found.samples[i].patient for i in fold.train}
        validation = {found.samples[i].patient for i in fold.validation}
        assert not train & validation
        assert len(validation) == 2


def test_images_without_a_patient_are_patients_of_their_own():
    found = with_patients("P0", "P0", "P0", "P0", *[None] * 8)
    folds = make_splits(found, folds=3, seed=0)["b"].folds
    sides = [{found.samples[i].patient for i in fold.validation} for fold in folds]
    assert sum("P0" in side for side in sides) == 1
    assert sum(len(fold.validation) for fold in folds) == 12


def test_fewer_patients_than_folds_are_refused():
    with pytest.raises(DataError, match="2 different patients") as caught:
        make_splits(with_patients("P0", "P0", "P1", "P1", "P1", "P1"), folds=3, seed=0)
    assert "--folds 2" in caught.value.fix


def test_one_patient_and_many_images_without_can_be_divided():
    assert make_splits(with_patients("P0", *[None] * 11), folds=3, seed=0)["b"].folds


def test_a_single_basophil_in_a_domain_goes_through():
    rare = catalog(a={"blast": 10, "monocyte": 1}, b={"blast": 10, "monocyte": 10})
    folds = make_splits(rare, folds=5, seed=0)["b"].folds
    assert sum(rare.samples[i].label == "monocyte" for f in folds for i in f.validation) == 1


def test_thin_classes_are_named_with_their_domain_and_number():
    rare = catalog(a={"blast": 10, "monocyte": 1}, b={"blast": 4, "monocyte": 5})
    assert thin_classes(rare, folds=5) == [("a", "monocyte", 1), ("b", "blast", 4)]


def test_as_many_images_as_folds_are_not_thin():
    assert thin_classes(catalog(a={"blast": 5}, b={"blast": 5}), folds=5) == []


def test_a_domain_that_is_too_small_is_refused_as_bad_data():
    small = catalog(a={"blast": 3, "monocyte": 2}, b={"blast": 10})
    with pytest.raises(DataError, match="its largest class 'blast' has 3 images") as caught:
        make_splits(small, folds=5, seed=0)
    assert caught.value.exit_code == 3
    assert "--folds 3 or fewer" in caught.value.fix


def test_no_number_of_folds_is_proposed_where_none_would_help():
    with pytest.raises(DataError) as caught:
        make_splits(catalog(a={"blast": 1}, b={"blast": 10}), folds=2, seed=0)
    assert "--folds" not in caught.value.fix


# --- images without a label ---------------------------------------------------------------------


def with_unlabelled(images):
    """Two domains with labels, and one without."""
    found = catalog(a={"blast": 4, "monocyte": 4}, b={"blast": 4, "monocyte": 4})
    target = [Sample(path=f"{i}.png", label=None, domain="t") for i in range(images)]
    return Catalog(samples=(*found.samples, *target), classes=CLASSES, domains=("a", "b", "t"))


def test_a_domain_without_labels_is_a_source_of_none():
    splits = make_splits(with_unlabelled(3), folds=2, seed=0)
    assert splits["a"].sources == ("b",)
    used = {i for fold in splits["a"].folds for i in (*fold.train, *fold.validation)}
    assert used == set(range(8, 16))


def test_a_domain_without_labels_can_be_held_out():
    split = make_splits(with_unlabelled(3), folds=2, seed=0)["t"]
    assert (split.sources, split.test) == (("a", "b"), (16, 17, 18))


def test_a_domain_without_labels_does_not_change_the_folds_of_the_others():
    with_target = make_splits(with_unlabelled(3), folds=2, seed=0)["a"].folds
    assert with_target == make_splits(with_unlabelled(0), folds=2, seed=0)["a"].folds


def test_images_without_a_label_are_of_no_thin_class():
    assert thin_classes(with_unlabelled(1), folds=4) == []


def pairs_apart(splits, pairs):
    """The pairs of which one is learned from where the other is validated."""
    return [
        pair
        for pair in pairs
        for split in splits.values()
        for fold in split.folds
        if len({pair[0], pair[1]} & set(fold.validation)) == 1 and not {*pair} & set(split.test)
    ]


def test_images_of_one_picture_are_validated_in_one_fold():
    # a chain of three, so that the ends are joined by the middle alone
    alike = [(0, 3), (3, 7), (16, 18)]
    assert pairs_apart(make_splits(THREE, folds=5, seed=0), alike)
    assert not pairs_apart(make_splits(THREE, folds=5, seed=0, alike=alike), [*alike, (0, 7)])


def test_without_copies_the_division_is_as_if_nobody_had_looked():
    across = [(0, 16)]  # domain a and domain b
    assert make_splits(THREE, folds=5, seed=0, alike=across) == make_splits(THREE, folds=5, seed=0)


def test_a_copy_moves_and_all_other_images_stay():
    before = make_splits(THREE, folds=5, seed=0)["b"]
    after = make_splits(THREE, folds=5, seed=0, alike=[(0, 3)])["b"]
    moved = {
        i
        for one, other in zip(before.folds, after.folds, strict=True)
        for i in set(one.validation) ^ set(other.validation)
    }
    assert moved == {3}


def test_two_patients_with_one_picture_are_one_group():
    one = with_patients(*("p1", "p1", "p2", "p2", "p3", "p3", "p4", "p4"))
    for seed in range(5):
        assert not pairs_apart(
            make_splits(one, folds=2, seed=seed, alike=[(0, 2)]), [(0, 1), (1, 2), (2, 3)]
        )


def test_too_few_groups_are_refused_when_copies_join_patients():
    one = with_patients(*("p1", "p1", "p2", "p2"))
    with pytest.raises(DataError, match="has 1 different patients or pictures, fewer than 2"):
        make_splits(one, folds=2, seed=0, alike=[(0, 2)])


def test_copies_that_only_another_domain_links_stay_together_too():
    # one picture in domain a, four copies of it in domain b, none linked to another of b
    alike = [(0, 15), (0, 17), (0, 20), (0, 22)]
    splits = make_splits(THREE, folds=5, seed=0, alike=alike)
    assert not pairs_apart({"c": splits["c"]}, [(15, 17), (15, 20), (15, 22)])


def test_a_picture_larger_than_a_fold_leaves_none_empty():
    many = [(0, other) for other in range(1, 11)]  # 11 of the 15 images of domain a
    parts = [
        [i for i in fold.validation if i < 15]
        for fold in make_splits(THREE, folds=5, seed=0, alike=many)["b"].folds
    ]
    assert sorted(map(len, parts)) == [1, 1, 1, 1, 11]
