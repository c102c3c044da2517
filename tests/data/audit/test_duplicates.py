import numpy as np
import pytest
from planted_copies import as_seen, signed, synthetic

from wbcray.data.audit import spectrum
from wbcray.data.audit.duplicates import Link, find_links, groups
from wbcray.data.audit.signatures import joined, sign
from wbcray.data.audit.spectrum import hashes, oriented, spectra

FLIPS = {
    0: lambda image: image,
    1: lambda image: image[:, ::-1],
    2: lambda image: image[::-1],
    3: lambda image: image[::-1, ::-1],
    4: lambda image: image.transpose(1, 0, 2),
    5: lambda image: image.transpose(1, 0, 2)[:, ::-1],
    6: lambda image: image.transpose(1, 0, 2)[::-1],
    7: lambda image: image.transpose(1, 0, 2)[::-1, ::-1],
}


@pytest.fixture(scope="module")
def cells():
    return [as_seen(image) for image in synthetic(12)]


def pairs(images):
    return [(link.first, link.second) for link in find_links(signed(images))]


@pytest.mark.parametrize("orientation", range(8))
def test_the_spectrum_of_a_turned_image_follows_from_that_of_the_image(cells, orientation):
    images = np.stack(cells)
    turned = np.stack([FLIPS[orientation](image) for image in cells])
    expected = oriented(spectra(images)[0], orientation)
    np.testing.assert_allclose(spectra(turned)[0], expected, atol=2e-4)


@pytest.mark.parametrize("size", [32, 48, 64, 100, 224])
def test_spectra_are_unit_vectors_at_any_size(size):
    images = np.random.default_rng(0).integers(0, 256, (3, size, size, 3), dtype=np.uint8)
    found, detail = spectra(images)
    np.testing.assert_allclose((found**2).sum(axis=(1, 2)), 1, atol=1e-5)
    assert (detail > 0.5).all()


def test_brightness_and_contrast_do_not_change_the_spectrum(cells):
    image = cells[0].astype(np.float32)
    dim = np.rint(image * 0.8 + 20).astype(np.uint8)
    first, second = spectra(np.stack([cells[0], dim]))[0]
    assert (first * second).sum() > 0.97


def test_the_64_bits_are_signs_of_64_different_frequencies_that_no_centred_blob_has():
    rows, columns = spectrum._hashed()
    assert len(set(zip(rows.tolist(), columns.tolist(), strict=True))) == 64
    assert ((rows % 2) | (columns % 2)).all()


def test_a_hash_of_the_opposite_image_has_all_bits_the_other_way(cells):
    found = spectra(np.stack(cells))[0]
    assert (np.bitwise_count(hashes(found) ^ hashes(-found)) == 64).all()


def test_equal_images_are_linked_to_the_first_of_them(cells):
    one, other = cells[:2]
    found = find_links(signed([one, other, one, one]))
    assert [(k.first, k.second, k.likeness, k.exact) for k in found] == [
        (0, 2, 1.0, True),
        (0, 3, 1.0, True),
    ]


@pytest.mark.parametrize("orientation", range(1, 8))
def test_a_turned_copy_is_found_and_is_not_exact(cells, orientation):
    images = [*cells, np.ascontiguousarray(FLIPS[orientation](cells[5]))]
    (link,) = find_links(signed(images))
    assert (link.first, link.second, link.exact) == (5, 12, False)
    assert link.likeness > 0.99


def test_different_cells_are_not_linked(cells):
    assert pairs(cells) == []


def test_blank_images_are_alike_only_if_they_are_equal():
    blank = [np.full((64, 64, 3), grey, dtype=np.uint8) for grey in (200, 201, 200)]
    assert pairs(blank) == [(0, 2)]


def test_a_copy_of_an_exact_copy_is_in_the_same_group(cells):
    turned = np.ascontiguousarray(cells[3][::-1])
    found = find_links(signed([cells[3], cells[3], turned]))
    assert groups(found) == [(0, 1, 2)]


@pytest.mark.parametrize("images", [[], [0]])
def test_fewer_than_two_images_have_no_pairs(cells, images):
    found = joined([signed([cells[k]]) for k in images])
    assert find_links(found) == ()


def test_links_do_not_depend_on_how_images_were_signed_in_chunks(cells):
    images = [*cells, np.ascontiguousarray(cells[0][::-1])]
    digests = [str(k) for k in range(len(images))]
    whole = sign(np.stack(images), digests)
    parts = [sign(np.stack(images[k : k + 5]), digests[k : k + 5]) for k in (0, 5, 10)]
    assert find_links(joined(parts)) == find_links(whole) != ()


def test_groups_join_what_links_join_in_any_order():
    def link(first, second):
        return Link(first=first, second=second, likeness=0.9, exact=False)

    assert groups([link(5, 7), link(0, 9), link(2, 5)]) == [(0, 9), (2, 5, 7)]
    assert groups([]) == []


def test_many_blocks_find_the_same_as_one(cells, monkeypatch):
    images = signed([*cells, *(np.ascontiguousarray(cell[:, ::-1]) for cell in cells)])
    whole = find_links(images)
    monkeypatch.setattr("wbcray.data.audit.duplicates._BLOCK", 7)
    monkeypatch.setattr("wbcray.data.audit.duplicates._CONFIRMED_AT_ONCE", 2)
    assert find_links(images) == whole
    assert [(k.first, k.second) for k in whole] == [(k, k + 12) for k in range(12)]
