"""One row per method over all held-out domains, by hand."""

from wbcray.explorer.numbers.summary import summary

HOME = {"home": [[8, 2, 0], [0, 0, 0], [0, 0, 0]]}
"""Eight of ten right: F1 of the one class is 2 * 8 / 18 = 0.89."""


def right(hits):
    """10,000 images of one class, `hits` tenths of them right."""
    found = round(hits * 1000)
    return [[found, 10_000 - found, 0], [0, 0, 0], [0, 0, 0]]


def tables_of(builder, scores, **facts):
    """`scores` holds tenths of right answers, by method, held-out domain and fold."""
    run = builder(folds=5, **facts)
    for method, domains in scores.items():
        for held_out, folds in domains.items():
            for fold, hits in enumerate(folds):
                run.cell(method, held_out, fold, validation=HOME, unseen=right(hits))
    return run.build()


def test_every_domain_counts_once_and_the_best_unseen_is_first(builder):
    table = summary(
        tables_of(
            builder,
            {
                "erm": {"away": [5, 5], "home": [8, 8]},
                "boda": {"away": [8, 8], "home": [8, 8]},
            },
        )
    )
    # F1 of 5 of 10 is 0.67, of 8 of 10 it is 0.89
    assert [row[:4] for row in table.rows] == [
        ("boda", "0.89 ± 0.00", "0.89 ± 0.00", "+0.11"),
        ("erm", "0.89 ± 0.00", "0.78 ± 0.00", "–"),  # noqa: RUF001  # the dash shown
    ]
    assert table.rows[0][4] == "0.00 to +0.22"
    assert table.title == "macro F1 over 2 held-out domains"


def test_the_verdicts_are_counted_by_domain(builder):
    table = summary(
        tables_of(
            builder,
            {
                "erm": {"away": [5, 5, 5, 5.2, 5], "home": [8, 8, 8, 8, 8]},
                "boda": {"away": [9, 9, 9, 9, 9.2], "home": [8, 8, 8, 8, 8]},
                "dann": {"away": [5]},
            },
        )
    )
    verdicts = {row[0]: row[5] for row in table.rows}
    assert verdicts == {"boda": "1 better, 1 tie", "erm": "reference", "dann": "1 cannot tell"}


def test_a_method_that_adapts_is_marked(builder):
    table = summary(
        tables_of(builder, {"erm": {"away": [5]}, "boda": {"away": [5]}}, adapting=["boda"])
    )
    assert {row[0] for row in table.rows} == {"erm", "boda †"}
    assert "† test-time adaptation" in table.note
