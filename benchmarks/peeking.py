"""What choosing by test scores claims, and what choosing on validation images costs.

Equal configurations are judged on `--images` validation images and as many test images, many
times over. Whoever chooses on validation reports the test score of the chosen one; whoever peeks
reports the highest test score. Both are printed less the score that all configurations truly have,
in points of 100, with the standard deviation over studies.

Two worlds are simulated, for accuracy and for macro F1 over the classes of `SHARES`:

- independent: every configuration errs on images of its own;
- shared: images differ in how hard they are, and configurations err on the same ones, as networks
  do that were trained alike (`--shared` is the part of the variance that belongs to the image).

For accuracy in the independent world there is a formula to compare with: the mean of the highest
of so many binomial shares, summed exactly from their distribution.
"""

import argparse
import time

import numpy as np
from numpy.typing import NDArray
from scipy import stats

SHARES = np.array([0.5, 0.2, 0.15, 0.1, 0.05])
"""Of the classes among the images."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def right_answers(
    rng: np.random.Generator, *, configs: int, labels: Ints, accuracy: float, shared: float
) -> NDArray[np.bool_]:
    """[configs, images]: which images each of equally good configurations gets right.

    A normal number that the image and the configuration share decides, so that each answer is right
    with probability `accuracy` whatever `shared` is.
    """
    image = rng.standard_normal(len(labels))
    own = rng.standard_normal((configs, len(labels)))
    hardness = np.sqrt(shared) * image + np.sqrt(1 - shared) * own
    right: NDArray[np.bool_] = hardness < stats.norm.ppf(accuracy)
    return right


def macro_f1(rng: np.random.Generator, right: NDArray[np.bool_], labels: Ints) -> Floats:
    """[configs]: mean F1 over the classes; wrong answers fall on the other classes evenly."""
    classes = len(SHARES)
    elsewhere = (labels + rng.integers(1, classes, right.shape)) % classes
    said = np.where(right, labels, elsewhere)
    f1 = []
    for label in range(classes):
        hits = (right & (labels == label)).sum(axis=1)
        f1.append(2 * hits / ((labels == label).sum() + (said == label).sum(axis=1)))
    mean: Floats = np.mean(f1, axis=0)
    return mean


def study(
    rng: np.random.Generator, *, configs: int, images: int, accuracy: float, shared: float
) -> dict[str, tuple[Floats, Floats]]:
    """Validation and test scores of all configurations of one study, by score."""
    labels = np.repeat(np.arange(len(SHARES)), np.rint(SHARES * images).astype(np.int64))
    found: dict[str, list[Floats]] = {"accuracy": [], "macro F1": []}
    for _ in ("validation", "test"):
        right = right_answers(rng, configs=configs, labels=labels, accuracy=accuracy, shared=shared)
        found["accuracy"].append(right.mean(axis=1))
        found["macro F1"].append(macro_f1(rng, right, labels))
    return {name: (values[0], values[1]) for name, values in found.items()}


def expected_highest(*, configs: int, images: int, accuracy: float) -> float:
    """Mean of the highest of `configs` independent shares of `images`, exactly."""
    hits = np.arange(images)
    return float(np.sum(1 - stats.binom.cdf(hits, images, accuracy) ** configs) / images)


def simulate(
    *, studies: int, configs: int, images: int, accuracy: float, shared: float, seed: int
) -> dict[str, dict[str, Floats]]:
    """By score: what each way of choosing reports in each study, `true` being the same for all."""
    rng = np.random.default_rng(seed)
    found: dict[str, dict[str, list[float]]] = {}
    for _ in range(studies):
        scores = study(rng, configs=configs, images=images, accuracy=accuracy, shared=shared)
        for name, (validation, test) in scores.items():
            kept = found.setdefault(name, {"validation": [], "oracle": [], "any": []})
            kept["validation"].append(float(test[validation.argmax()]))
            kept["oracle"].append(float(test.max()))
            kept["any"].append(float(test.mean()))
    return {
        name: {way: np.array(values) for way, values in kept.items()}
        for name, kept in found.items()
    }


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=1000)
    parser.add_argument("--configs", type=int, default=60)
    parser.add_argument("--images", type=int, default=500)
    parser.add_argument("--accuracy", type=float, nargs="+", default=[0.7, 0.8, 0.86, 0.9])
    parser.add_argument("--shared", type=float, default=0.7)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    started = time.monotonic()
    size = {"configs": options.configs, "images": options.images}
    print(
        f"{options.configs} equal configurations, {options.images} images, "
        f"{options.studies} studies; points above the true score: mean ± standard error "
        "(standard deviation over studies)"
    )
    for accuracy in options.accuracy:
        exact = 100 * (expected_highest(accuracy=accuracy, **size) - accuracy)
        print(f"\naccuracy {accuracy}: oracle by formula, independent: {exact:+.2f}")
        for world, shared in (("independent", 0.0), ("shared", options.shared)):
            scores = simulate(
                studies=options.studies, accuracy=accuracy, shared=shared, seed=options.seed, **size
            )
            for name, ways in scores.items():
                true = ways["any"].mean()
                told = "   ".join(
                    f"{way} {100 * (values.mean() - true):+.2f} ± "
                    f"{100 * stats.sem(values):.2f} ({100 * values.std(ddof=1):.1f})"
                    for way, values in ways.items()
                    if way != "any"
                )
                print(f"  {world:12s}{name:10s}{told}")
    print(f"\n{time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
