"""How many planted copies are found, and how many images are taken for copies that are none."""

import numpy as np
import pytest
from planted_copies import REAL, as_seen, copied, real, signed, synthetic

from wbcray.data.audit.duplicates import find_links, groups

RECALL, FALSE_ALARMS = 0.99, 0.001

# The same white blood cells, photographed again with another focus or light, or cropped again from
# the same photograph; each pair was looked at.
TRULY_ALIKE = {
    ("bccd/eosinophil/BloodImage_00226_1", "bccd/eosinophil/BloodImage_00261_1"),
    ("bccd/lymphocyte/BloodImage_00037_1", "bccd/lymphocyte/BloodImage_00038_1"),
    ("bccd/lymphocyte/BloodImage_00229_1", "bccd/lymphocyte/BloodImage_00258_1"),
    ("bccd/neutrophil/BloodImage_00205_1", "bccd/neutrophil/BloodImage_00276_1"),
    ("bccd/neutrophil/BloodImage_00230_1", "bccd/neutrophil/BloodImage_00257_1"),
    ("bccd/neutrophil/BloodImage_00231_1", "bccd/neutrophil/BloodImage_00256_1"),
    ("bccd/neutrophil/BloodImage_00237_1", "bccd/neutrophil/BloodImage_00252_1"),
    ("bccd/neutrophil/BloodImage_00243_1", "bccd/neutrophil/BloodImage_00250_1"),
    ("bccd/neutrophil/BloodImage_00244_1", "bccd/neutrophil/BloodImage_00247_1"),
    ("bccd/neutrophil/BloodImage_00382_1", "bccd/neutrophil/BloodImage_00395_1"),
    ("bccd/neutrophil/BloodImage_00384_1", "bccd/neutrophil/BloodImage_00393_1"),
    ("bccd/neutrophil/BloodImage_00386_1", "bccd/neutrophil/BloodImage_00391_1"),
    ("tecom/lymphocyte/112", "tecom/lymphocyte/139"),
    ("tecom/neutrophil/157", "tecom/neutrophil/158"),
    ("tecom/neutrophil/166", "tecom/neutrophil/171"),
}


def recall(images, copies):
    """The share of copies that are in one group with their original."""
    number = len(images)
    found = find_links(signed([*images, *copies]))
    group_of = {place: group for group in groups(found) for place in group}
    hits = [number + k in group_of.get(k % number, ()) for k in range(len(copies))]
    return float(np.mean(hits))


def alarmed(links):
    """How many images are in a pair."""
    return len({place for link in links for place in (link.first, link.second)})


def show(capsys, figures):
    """Print the figures even where tests are quiet."""
    with capsys.disabled():
        print(f"\n{figures}")  # noqa: T201  # they are what the audit is judged by


def test_planted_copies_of_synthetic_images_are_found_and_nothing_else(capsys):
    rng = np.random.default_rng(0)
    originals = synthetic(200)
    images = [as_seen(image) for image in originals]
    share = recall(images, [as_seen(copied(image, rng)) for image in originals * 2])
    false = alarmed(find_links(signed(images))) / len(images)
    show(
        capsys,
        f"synthetic: recall {share:.2%} of 400 copies, false alarms {false:.2%} of 200 images",
    )
    assert share >= RECALL
    assert false <= FALSE_ALARMS


@pytest.mark.skipif(not REAL.is_dir(), reason="no real images; WBCRAY_REAL_WBC names their folder")
def test_planted_copies_of_real_images_are_found_and_nothing_else(capsys):
    rng = np.random.default_rng(0)
    originals, paths = real()
    images = [as_seen(image) for image in originals]
    share = recall(images, [as_seen(copied(image, rng)) for image in originals * 2])
    names = [path.relative_to(REAL).with_suffix("").as_posix() for path in paths]
    found = find_links(signed(images))
    false = [link for link in found if (names[link.first], names[link.second]) not in TRULY_ALIKE]
    show(
        capsys,
        f"real: recall {share:.2%} of {2 * len(images)} copies, "
        f"false alarms {alarmed(false) / len(images):.2%} of {len(images)} images, "
        f"and {len(found) - len(false)} pairs that do show one cell twice",
    )
    assert share >= RECALL
    assert alarmed(false) / len(images) <= FALSE_ALARMS
    assert len(found) - len(false) >= 12
