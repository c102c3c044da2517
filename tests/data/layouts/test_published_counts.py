import pytest

from wbcray.core.errors import UsageError
from wbcray.data.layouts.counts import count_report
from wbcray.data.layouts.load import load_layout

MATEK = load_layout("matek_19")
WHOLE = dict(MATEK.part().published)


def test_the_published_numbers_are_no_difference():
    report = count_report(MATEK, None, WHOLE)
    assert not report.differs
    assert report.is_known
    assert sum(row.found for row in report.rows) == 18_365


def test_a_missing_image_and_a_surplus_one_are_told_by_label():
    report = count_report(MATEK, "all", {**WHOLE, "BAS": 78, "EOS": 425})
    told = {row.code: row.difference for row in report.rows if row.difference}
    assert report.differs
    assert told == {"BAS": -1, "EOS": 1}


def test_a_label_without_any_image_has_a_row():
    without = {code: images for code, images in WHOLE.items() if code != "KSC"}
    (row,) = [row for row in count_report(MATEK, None, without).rows if row.difference]
    assert (row.code, row.expected, row.found, row.difference) == ("KSC", 15, 0, -15)


def test_rows_are_in_the_order_of_the_mapping():
    assert [row.code for row in count_report(MATEK, None, {}).rows] == list(MATEK.codes)


def test_myelocytes_and_myeloblasts_that_were_swapped_are_told():
    swapped = {**WHOLE, "MYO": WHOLE["MYB"], "MYB": WHOLE["MYO"]}
    assert count_report(MATEK, None, WHOLE).swapped == ()
    assert count_report(MATEK, None, swapped).swapped == (("MYO", "MYB"),)


def test_as_many_of_both_prove_nothing():
    assert count_report(MATEK, None, {"MYO": 4, "MYB": 4}).swapped == ()


def test_where_nothing_is_published_nothing_differs():
    report = count_report(load_layout("int_20"), None, {"01-NORMO": 3})
    assert not report.differs
    assert not report.is_known
    assert (report.rows[0].expected, report.rows[0].difference) == (None, None)


def test_labels_of_which_no_number_is_published_do_not_count_as_a_difference():
    lisc = load_layout("lisc")
    assert not count_report(lisc, None, {**lisc.part().published, "mixt": 8}).differs


def test_the_part_must_be_one_that_there_is():
    with pytest.raises(UsageError, match="say which"):
        count_report(load_layout("hida"), None, {})
