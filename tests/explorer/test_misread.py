"""Misread images: whose answers, in which order, and how they are drawn."""

import pytest
from outputs_by_hand import answering, outputs

from wbcray.explorer.choice import Choice
from wbcray.explorer.numbers.misread import answers_of, disagreements, misread
from wbcray.explorer.reading.thumbnails import Thumbnail
from wbcray.explorer.views import gallery

CLASSES = ("a", "b", "c")


def answers(*images, folds=1):
    """Per image: its id, its true class, and a probability of each class for each fold."""
    rows, given = [], []
    for name, true, *each in images:
        for fold in range(folds):
            shares = each[fold % len(each)]
            rows.append((fold, name, "away", true, CLASSES[shares.index(max(shares))]))
            given.append(shares)
    return outputs(rows, given)


FIRST = answers(
    ("img-1", "a", (0.2, 0.7, 0.1)),
    ("img-2", "a", (0.0, 0.9, 0.1)),
    ("img-3", "a", (0.7, 0.2, 0.1)),
    ("img-4", "b", (0.6, 0.4, 0.0)),
)
SECOND = answers(
    ("img-1", "a", (0.9, 0.1, 0.0)),
    ("img-2", "a", (0.1, 0.2, 0.7)),
    ("img-3", "a", (0.1, 0.1, 0.8)),
    ("img-4", "b", (0.7, 0.3, 0.0)),
)


def both():
    return answers_of(FIRST, CLASSES), answers_of(SECOND, CLASSES)


def test_the_surest_mistakes_come_first():
    found = misread(*both(), CLASSES)
    assert found["image"].tolist() == ["img-2", "img-1", "img-4"]
    assert found["first_confidence"].tolist() == pytest.approx([0.9, 0.7, 0.6])


def test_the_other_methods_answer_stands_beside():
    found = misread(*both(), CLASSES).set_index("image")
    assert found.loc["img-2", "second"] == "c"
    assert found.loc["img-1", "disagreement"] == pytest.approx(0.7)


def test_one_square_of_the_confusions_has_its_images_alone():
    found = misread(*both(), CLASSES, true="b", predicted="a")
    assert found["image"].tolist() == ["img-4"]


def test_a_disagreement_is_where_exactly_one_is_right():
    found = disagreements(*both(), CLASSES)
    assert found["image"].tolist() == ["img-1", "img-3"]
    assert found["disagreement"].tolist() == pytest.approx([0.7, -0.6])
    assert found["first"].tolist() == ["b", "a"]
    assert found["second"].tolist() == ["a", "c"]


def test_disagreements_of_one_square_are_those_where_somebody_answered_so():
    assert disagreements(*both(), CLASSES, true="a", predicted="c")["image"].tolist() == ["img-3"]


def test_networks_are_averaged_image_by_image():
    found = answers_of(answers(("img-1", "a", (0.2, 0.8, 0.0), (0.6, 0.4, 0.0)), folds=2), CLASSES)
    assert found.probabilities[0].tolist() == pytest.approx([0.4, 0.6, 0.0])
    assert found.said[0].tolist() == [0.5, 0.5, 0.0]
    assert found.images["networks"].tolist() == [2]


def test_a_square_holds_images_that_any_network_answered_so():
    # the mean answers a, one of two networks b
    one = answers_of(answers(("img-1", "a", (0.4, 0.6, 0.0), (0.9, 0.1, 0.0)), folds=2), CLASSES)
    assert misread(one, None, CLASSES).empty
    found = misread(one, None, CLASSES, true="a", predicted="b")
    assert found["first_networks"].tolist() == [0.5]
    assert found["second"].isna().all()


def test_images_are_told_apart_whatever_their_order():
    rows, given = [], []
    for fold in (0, 1):
        for name in ("img-2", "img-1") if fold else ("img-1", "img-2"):
            rows.append((fold, name, "away", "a", "b" if name == "img-1" else "a"))
            given.append((0.1, 0.9, 0.0) if name == "img-1" else (0.9, 0.1, 0.0))
    found = misread(answers_of(outputs(rows, given), CLASSES), None, CLASSES)
    assert found["image"].tolist() == ["img-1"]


@pytest.fixture
def shown(builder, monkeypatch):
    """Draws a variant of the gallery of two methods, with pictures 25 micrometres wide."""
    run = builder()
    for method in ("erm", "boda"):
        run.cell(method, "away", 0, validation={"home": [[4, 0, 0], [0, 4, 0], [0, 0, 4]]})
    tables = run.build()
    found = {("erm", "validation"): FIRST, ("boda", "validation"): SECOND}
    answering(monkeypatch, gallery, found)

    def show(number, choice=None, *, um=25.0, gone=False):
        monkeypatch.setattr(
            gallery,
            "thumbnails",
            lambda _tables, images: (
                {} if gone else {name: Thumbnail(uri=f"data:{name}", um=um) for name in images}
            ),
        )
        return gallery.GALLERY.build(tables, choice or Choice()).variants[number].draw()

    return show


def test_every_picture_has_a_bar_of_five_micrometres(shown):
    figure = shown(0).figure
    assert [image.source for image in figure.layout.images] == [
        "data:img-2",
        "data:img-1",
        "data:img-4",
    ]
    lengths = [shape.x1 - shape.x0 for shape in figure.layout.shapes]
    assert lengths == pytest.approx([gallery.PICTURE * 5 / 25] * 3)


def test_without_a_scale_there_is_no_bar(shown):
    assert not shown(0, um=None).figure.layout.shapes


def test_both_answers_stand_under_a_picture(shown):
    captions = shown(0).figure.data[2].text
    assert captions[0] == "<b>a</b><br>erm 90%: b<br>boda 70%: c"


def test_the_gallery_of_the_rival_has_its_answer_first(shown):
    drawn = shown(1)
    assert drawn.figure.data[2].text[0].startswith("<b>a</b><br>boda 80%: c<br>erm")


def test_a_click_on_a_square_narrows_the_gallery(shown):
    drawn = shown(0, Choice(true="b", predicted="a"))
    assert drawn.numbers["image"].tolist() == ["img-4"]


def test_a_gallery_without_such_images_says_so(shown):
    drawn = shown(0, Choice(true="c", predicted="a"))
    assert drawn.figure.layout.annotations[0].text == "mistakes of erm: 0 images"


def test_pictures_that_are_gone_leave_their_answers_and_a_sentence(shown):
    figure = shown(0, gone=True).figure
    assert not figure.layout.images
    assert "wbcray data prepare" in figure.layout.annotations[0].text
    assert len(figure.data[2].text) == 3


def test_at_most_24_pictures_are_drawn(builder, monkeypatch):
    many = answers(*[(f"img-{number}", "a", (0.1, 0.9, 0.0)) for number in range(30)])
    home = {"home": [[30, 0, 0], [0, 1, 0], [0, 0, 1]]}
    tables = builder().cell("erm", "away", 0, validation=home).build()
    answering(monkeypatch, gallery, {("erm", "validation"): many})
    (variant,) = gallery.GALLERY.build(tables, Choice()).variants
    drawn = variant.draw()
    assert len(drawn.figure.data[2].text) == 24
    assert len(drawn.numbers) == 30
