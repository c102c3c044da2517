"""Which images are misread: the answers of two methods side by side, the worst first."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from wbcray.explorer.reading.outputs import Outputs

Floats = npt.NDArray[np.float64]

COLUMNS = [
    *("image", "domain", "true", "first", "first_confidence", "first_true", "first_networks"),
    *("second", "second_confidence", "second_true", "second_networks", "disagreement"),
]

_SWAPPED = {
    f"{one}{rest}": f"{other}{rest}"
    for one, other in (("first", "second"), ("second", "first"))
    for rest in ("", "_confidence", "_true", "_networks")
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answers:
    """What the networks of a method say of each image together.

    Attributes:
        images: One row per image: `image` (index), `domain`, `true`, `networks`.
        probabilities: float64 [images, classes], mean over the networks that judged it.
        said: float64 [images, classes], share of those networks that answered the class.
    """

    images: pd.DataFrame
    probabilities: Floats
    said: Floats


def answers_of(outputs: Outputs, classes: tuple[str, ...]) -> Answers:
    """The outputs of all networks, image by image."""
    rows = outputs.rows
    codes, names = pd.factorize(rows["image"])
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    networks = np.diff(np.append(starts, len(order)))
    number = {name: place for place, name in enumerate(classes)}
    predicted = np.eye(len(classes))[rows["predicted"].map(number).to_numpy(dtype=np.int64)]
    first = rows.iloc[order[starts]]
    images = pd.DataFrame(
        {
            "domain": first["domain"].to_numpy(),
            "true": first["true"].to_numpy(),
            "networks": networks,
        },
        index=pd.Index(names, name="image"),
    )
    share = 1 / networks[:, None]
    return Answers(
        images=images,
        probabilities=_sums(outputs.probabilities.astype(np.float64)[order], starts) * share,
        said=_sums(predicted[order], starts) * share,
    )


def misread(
    first: Answers,
    second: Answers | None,
    classes: tuple[str, ...],
    *,
    true: str = "",
    predicted: str = "",
) -> pd.DataFrame:
    """Images that the first method misreads, those it is surest of on top.

    Without `predicted` a misread image is one whose mean probabilities name another class than the
    true one; with it, one that at least one network answered so, as a confusion table counts each
    network. `first` is that class, `first_confidence` its mean probability, `first_true` that of
    the true class and `first_networks` the share of networks that answered it. `disagreement` is
    `second_true` - `first_true`; NaN where the second method did not judge the image.

    Args:
        first: Of the method whose mistakes are asked for.
        second: Of the other method.
        classes: Of the run.
        true: Only images of this class.
        predicted: Only images that were given this class.
    """
    number = {name: place for place, name in enumerate(classes)}
    truth = first.images["true"].map(number).to_numpy(dtype=np.int64)
    every = np.arange(len(truth))
    answer = first.probabilities.argmax(axis=1)
    wanted = answer != truth
    if predicted:
        answer = np.full(len(truth), number[predicted])
        wanted = (first.said[:, number[predicted]] > 0) & (truth != answer)
    if true:
        wanted &= truth == number[true]
    table = pd.DataFrame(
        {
            "image": first.images.index,
            "domain": first.images["domain"].to_numpy(),
            "true": first.images["true"].to_numpy(),
            "first": np.array(classes)[answer],
            "first_confidence": first.probabilities[every, answer],
            "first_true": first.probabilities[every, truth],
            "first_networks": first.said[every, answer],
        }
    )[wanted]
    table = table.merge(_second(second, classes), how="left", left_on="image", right_index=True)
    table["disagreement"] = table["second_true"] - table["first_true"]
    order = ["first_networks", "first_confidence"] if predicted else ["first_confidence"]
    table = table.sort_values([*order, "image"], ascending=[*(False for _ in order), True])
    return pd.DataFrame(table[COLUMNS]).reset_index(drop=True)


def disagreements(
    first: Answers,
    second: Answers,
    classes: tuple[str, ...],
    *,
    true: str = "",
    predicted: str = "",
) -> pd.DataFrame:
    """Images that exactly one of two methods reads rightly, the widest disagreement on top.

    Columns as `misread`; arguments likewise, `predicted` being the answer of the method that is
    wrong.
    """
    whole = misread(first, second, classes, true=true)
    other = misread(second, first, classes, true=true)
    other = other.rename(columns=_SWAPPED)
    other["disagreement"] = -other["disagreement"]
    found = pd.concat(
        [whole[whole["second"] == whole["true"]], other[other["first"] == other["true"]]],
        ignore_index=True,
    )
    if predicted:
        wrong = np.where(found["first"] == found["true"], found["second"], found["first"])
        found = found[wrong == predicted]
    width = found["disagreement"].abs()
    found = found.assign(width=width).sort_values(["width", "image"], ascending=[False, True])
    return found[COLUMNS].reset_index(drop=True)


def _second(second: Answers | None, classes: tuple[str, ...]) -> pd.DataFrame:
    names = ["second", "second_confidence", "second_true", "second_networks"]
    if second is None:
        nobody = pd.Index([], dtype=str, name="image")
        return pd.DataFrame(columns=names, index=nobody, dtype=np.float64)
    number = {name: place for place, name in enumerate(classes)}
    truth = second.images["true"].map(number).to_numpy(dtype=np.int64)
    answer, every = second.probabilities.argmax(axis=1), np.arange(len(truth))
    return pd.DataFrame(
        {
            "second": np.array(classes)[answer],
            "second_confidence": second.probabilities[every, answer],
            "second_true": second.probabilities[every, truth],
            "second_networks": second.said[every, answer],
        },
        index=second.images.index,
    )


def _sums(values: Floats, starts: npt.NDArray[np.int64]) -> Floats:
    if not len(values):
        return values
    total: Floats = np.add.reduceat(values, starts, axis=0)
    return total
