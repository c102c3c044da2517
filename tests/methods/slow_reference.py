"""The losses once more, loop by loop from the equations, in plain Python: slow and obvious."""

import math
from collections.abc import Sequence

Vector = Sequence[float]
Pair = tuple[int, int]


def distance(a: Vector, b: Vector) -> float:
    return math.sqrt(sum((x - y) ** 2 for x, y in zip(a, b, strict=True)))


def boda(
    images: Sequence[tuple[Vector, Pair]],
    *,
    centroids: dict[Pair, Vector],
    counts: dict[Pair, int],
    nu: float,
    temperature: float,
) -> float:
    """Pairs are (domain, class)."""
    terms = []
    for feature, own in images:
        scores = {}
        for pair, centroid in centroids.items():
            balanced = distance(feature, centroid) / counts[own]
            calibrated = balanced * (counts[pair] / counts[own]) ** nu
            scores[pair] = -calibrated / temperature
        rivals = sum(math.exp(score) for pair, score in scores.items() if pair != own)
        for (domain, label), score in scores.items():
            if label == own[1] and domain != own[0]:
                terms.append(score - math.log(rivals))
    return -sum(terms) / len(terms) if terms else 0.0


def mean(rows: Sequence[Vector]) -> list[float]:
    return [sum(column) / len(rows) for column in zip(*rows, strict=True)]


def covariance(rows: Sequence[Vector]) -> list[list[float]]:
    centre = mean(rows)
    dim = len(centre)
    return [
        [
            sum((row[k] - centre[k]) * (row[m] - centre[m]) for row in rows) / (len(rows) - 1)
            for m in range(dim)
        ]
        for k in range(dim)
    ]


def moment_distance(a: Sequence[Vector], b: Sequence[Vector]) -> float:
    mean_a, mean_b, dim = mean(a), mean(b), len(a[0])
    total = sum((x - y) ** 2 for x, y in zip(mean_a, mean_b, strict=True)) / dim
    if min(len(a), len(b)) > 1:
        cov_a, cov_b = covariance(a), covariance(b)
        total += (
            sum((cov_a[k][m] - cov_b[k][m]) ** 2 for k in range(dim) for m in range(dim)) / dim**2
        )
    return total


def coral(images: Sequence[tuple[Vector, int]]) -> float:
    names = sorted({domain for _, domain in images})
    groups = [[row for row, domain in images if domain == name] for name in names]
    pairs = [
        moment_distance(groups[i], groups[j])
        for i in range(len(groups))
        for j in range(i + 1, len(groups))
    ]
    return sum(pairs) / len(pairs) if pairs else 0.0
