import pytest

from wbcray.core.errors import RefusedError
from wbcray.core.sample import Catalog, Sample
from wbcray.core.split import Fold, Split

CATALOG = Catalog(
    samples=(
        Sample(path="b/1.png", label="basophil", domain="north"),
        Sample(path="n/1.png", label="neutrophil", domain="north"),
        Sample(path="b/1.png", label="basophil", domain="south"),
    ),
    classes=("neutrophil", "basophil"),
    domains=("north", "south"),
)


def split(*, train=(0, 1), validation=(2,), test=(3,), sources=("north",), held_out="south"):
    fold = Fold(number=0, train=train, validation=validation)
    return Split(held_out=held_out, sources=sources, folds=(fold,), test=test)


def test_class_ids_follow_the_order_of_the_classes():
    assert CATALOG.labels() == (1, 0, 1)


def test_domain_ids_follow_the_order_of_the_domains():
    assert CATALOG.domain_ids() == (0, 0, 1)


def test_disjoint_parts_make_a_split():
    assert split().test == (3,)


@pytest.mark.parametrize(
    "parts",
    [
        {"train": (0, 2), "validation": (2,)},
        {"train": (0, 3), "test": (3,)},
        {"validation": (3,), "test": (3,)},
    ],
    ids=["train and validation", "train and held-out", "validation and held-out"],
)
def test_an_image_in_two_parts_is_refused(parts):
    with pytest.raises(RefusedError, match="1 images are in two parts of fold 0"):
        split(**parts)


def test_the_refusal_names_an_image_that_is_in_both():
    with pytest.raises(RefusedError, match=r"e\.g\. number 7"):
        split(train=(0, 7, 9), validation=(7, 9))


def test_every_fold_is_looked_at_and_not_the_first_alone():
    good, bad = (
        Fold(number=0, train=(0,), validation=(1,)),
        Fold(number=1, train=(1,), validation=(1,)),
    )
    with pytest.raises(RefusedError, match="fold 1"):
        Split(held_out="south", sources=("north",), folds=(good, bad), test=(3,))


def test_an_image_may_be_validated_in_one_fold_and_learned_from_in_another():
    folds = (
        Fold(number=0, train=(0,), validation=(1,)),
        Fold(number=1, train=(1,), validation=(0,)),
    )
    assert len(Split(held_out="south", sources=("north",), folds=folds, test=(3,)).folds) == 2


def test_a_held_out_domain_that_is_a_source_is_refused():
    with pytest.raises(RefusedError, match="'south' is also a source"):
        split(sources=("north", "south"))
