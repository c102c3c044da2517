"""What lies around the leukocyte: erythrocytes, platelets and the haze of dried plasma."""

import math
from collections.abc import Sequence

import numpy as np

from wbcray.data.synthetic import shapes
from wbcray.data.synthetic.grid import Dyes, Grid, Plane
from wbcray.data.synthetic.leukocyte import Circle
from wbcray.data.synthetic.stain import DYES, NUCLEAR, PINK
from wbcray.data.synthetic.style import Scene
from wbcray.data.synthetic.texture import smooth_noise

RADIUS_UM = 3.7
RADIUS_SD_UM = 0.35


def contacts_of(rng: np.random.Generator, place: Circle, *, expected: float) -> tuple[Circle, ...]:
    """Erythrocytes that press into the border of a leukocyte at `place`."""
    found = []
    for _ in range(min(int(rng.poisson(expected)), 3)):
        radius = float(rng.normal(RADIUS_UM, RADIUS_SD_UM))
        angle = rng.uniform(0.0, 2 * math.pi)
        reach = place[2] + 0.62 * radius
        found.append(
            (place[0] + reach * math.cos(angle), place[1] + reach * math.sin(angle), radius)
        )
    return tuple(found)


def scatter_erythrocytes(
    rng: np.random.Generator,
    grid: Grid,
    scene: Scene,
    *,
    leukocytes: Sequence[Circle],
    crowding: float,
) -> tuple[Circle, ...]:
    """Places of erythrocytes that keep clear of leukocytes and mostly of each other."""
    half = 0.5 * grid.width_um + RADIUS_UM
    mean = scene.erythrocytes * crowding * (2 * half) ** 2 / (math.pi * RADIUS_UM**2)
    found: list[Circle] = []
    for _ in range(int(rng.poisson(mean))):
        x, y = rng.uniform(-half, half, size=2).tolist()
        radius = float(rng.normal(RADIUS_UM, RADIUS_SD_UM))
        closest = 0.7 if rng.random() < scene.overlapping else 0.97
        free = all(
            math.hypot(x - other[0], y - other[1]) > closest * (radius + other[2])
            for other in found
        )
        clear = all(
            math.hypot(x - other[0], y - other[1]) > 0.97 * (radius + other[2])
            for other in leukocytes
        )
        if free and clear:
            found.append((x, y, radius))
    return tuple(found)


def paint_erythrocytes(
    rng: np.random.Generator, grid: Grid, places: Sequence[Circle], *, crenated: float
) -> Plane:
    """Amount of erythrocyte dye: discs with a pale centre, thicker where two overlap."""
    amount = np.zeros((grid.points, grid.points), dtype=np.float32)
    pallor = rng.uniform(0.2, 0.65)
    for x, y, radius in places:
        rows = _window(grid, y, 1.2 * radius)
        columns = _window(grid, x, 1.2 * radius)
        stretch, turn, depth = rng.normal(0.0, 0.06), rng.uniform(0, math.pi), rng.normal(1, 0.08)
        spikes = rng.uniform(0.03, 0.08) if rng.random() < crenated else 0.0
        if rows.start >= rows.stop or columns.start >= columns.stop:
            continue
        dx, dy = grid.x[:, columns] - np.float32(x), grid.y[rows] - np.float32(y)
        along = (math.cos(turn) * dx + math.sin(turn) * dy) * math.exp(stretch)
        across = (math.cos(turn) * dy - math.sin(turn) * dx) * math.exp(-stretch)
        distance = np.hypot(along, across)
        if spikes:
            distance *= 1.0 + spikes * np.sin(11.0 * np.arctan2(across, along))
        disc = shapes.coverage(distance - radius, edge_um=0.4)
        hollow = np.exp(-((distance / (0.42 * radius)) ** 2))
        amount[rows, columns] += depth * disc * (1.08 - pallor * hollow)
    return amount


def _window(grid: Grid, middle: float, reach: float) -> slice:
    """The raster rows (or columns) within `reach` of `middle`."""
    origin = 0.5 * grid.width_um
    first = math.floor((middle - reach + origin) / grid.step_um)
    last = math.ceil((middle + reach + origin) / grid.step_um)
    return slice(max(first, 0), min(max(last, 0), grid.points))


def paint_platelets(rng: np.random.Generator, grid: Grid, *, expected: float) -> Dyes:
    """Dyes of a few platelets: small, granular and violet."""
    dyes = np.zeros((len(DYES), grid.points, grid.points), dtype=np.float32)
    half = 0.5 * grid.width_um
    count = int(rng.poisson(expected))
    if not count:
        return dyes
    grains = np.maximum(1.0 + 0.5 * smooth_noise(rng, grid, grain_um=0.6), 0.2)
    for _ in range(count):
        x, y = rng.uniform(-half, half, size=2).tolist()
        body = shapes.coverage(shapes.disc(grid, (x, y), rng.uniform(0.8, 1.4)), edge_um=0.8)
        dyes[NUCLEAR] += 0.28 * body * grains
        dyes[PINK] += 0.4 * body * grains
    return dyes


def plasma(rng: np.random.Generator, grid: Grid, *, haze: float) -> Plane:
    """Relative brightness of the empty smear."""
    return 1.0 + np.float32(haze) * smooth_noise(rng, grid, grain_um=6.0)
