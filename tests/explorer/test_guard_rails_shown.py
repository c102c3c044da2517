"""What held-out scores chose is marked wherever it is shown; openings stand under every table."""

import pytest

from wbcray.cli.comparison import comparison_json, show_comparison
from wbcray.explorer.choice import Choice
from wbcray.explorer.numbers.coverage import coverage
from wbcray.explorer.numbers.findings import findings, findings_across
from wbcray.explorer.numbers.leaderboard import across_domains, format_leaderboard, leaderboard
from wbcray.explorer.numbers.summary import summary
from wbcray.explorer.numbers.trials import objective_of
from wbcray.explorer.reading.selection_rule import SELECTION_RULE, selection_rule
from wbcray.explorer.report.drawing import draw_all
from wbcray.explorer.report.writing import write_report
from wbcray.explorer.wording import ORACLE_NOTE, openings_note
from wbcray.store.selections import oracle_name

HOME = {"home": [[10, 0, 0], [0, 10, 0], [0, 0, 10]]}
MARKED = oracle_name("coral")
OPENED = "held-out counts of 7 configurations have been opened in this run"


def right(hits):
    return [[hits, 10 - hits, 0], [0, 0, 0], [0, 0, 0]]


def tables_of(builder, *, origin="oracle", domains=("away",), **facts):
    """erm, boda and a coral that is better than both in every fold."""
    run = builder(folds=5, openings=7, oracle=origin == "oracle", **facts)
    name = MARKED if origin == "oracle" else "coral"
    for held_out in domains:
        for fold, hits in enumerate([5, 5, 5, 6, 5]):
            run.cell("erm", held_out, fold, validation=HOME, unseen=right(hits))
            run.cell("boda", held_out, fold, validation=HOME, unseen=right(hits + 2))
            run.cell(name, held_out, fold, validation=HOME, unseen=right(9), origin=origin)
    run.trial("coral", "away", 0, 0.5, **{"optimizer.lr": 0.1})
    run.trial("coral", "away", 1, 0.6, **{"optimizer.lr": 0.2})
    return run.build()


@pytest.fixture
def peeked(builder):
    return tables_of(builder)


def test_an_oracle_has_no_verdict_and_no_group_and_stands_last(peeked):
    (table,) = format_leaderboard(leaderboard(peeked, "unseen"), openings=7)
    assert [row[1] for row in table.rows] == ["boda", "erm", MARKED]
    group, _, _, _, *compared, verdict, _ = table.rows[-1]
    assert {group, *compared} == {"–"}  # noqa: RUF001  # the dash shown
    assert verdict == "none (oracle)"


def test_the_note_says_what_an_oracle_is_and_how_much_was_opened(peeked):
    for split in ("validation", "unseen"):
        (table,) = format_leaderboard(leaderboard(peeked, split), split=split, openings=7)
        assert ORACLE_NOTE in table.note
        assert OPENED in table.note


def test_verdicts_of_others_are_the_same_with_an_oracle_beside_them(builder, peeked):
    run = builder(folds=5)
    for fold, hits in enumerate([5, 5, 5, 6, 5]):
        run.cell("erm", "away", fold, validation=HOME, unseen=right(hits))
        run.cell("boda", "away", fold, validation=HOME, unseen=right(hits + 2))
    alone = leaderboard(run.build(), "unseen").set_index("method")
    beside = leaderboard(peeked, "unseen").set_index("method")
    columns = ["difference", "p", "p_holm", "verdict", "tie_group"]
    assert beside.loc[["boda", "erm"], columns].equals(alone.loc[["boda", "erm"], columns])


def test_no_sentence_makes_an_oracle_the_winner(peeked):
    (sentence,) = findings(leaderboard(peeked, "unseen"), reference="erm")
    assert sentence.startswith("away: boda has the highest macro F1")
    assert sentence.endswith(f"Left out as no results: {MARKED}.")


def test_where_only_oracles_are_nothing_is_concluded(builder):
    run = builder(folds=5, oracle=True)
    run.cell(MARKED, "away", 0, validation=HOME, unseen=right(9), origin="oracle")
    board = leaderboard(run.build(), "unseen")
    assert findings(board, reference="erm") == (f"away: Left out as no results: {MARKED}.",)


def test_means_over_domains_compare_an_oracle_with_nothing(builder):
    tables = tables_of(builder, domains=("away", "home"))
    board = leaderboard(tables, "unseen")
    means = across_domains(board).set_index("method")
    assert list(means.index) == ["boda", "erm", MARKED]
    assert (means.loc[MARKED, "compared"], bool(means.loc[MARKED, "oracle"])) == (0, True)
    assert not any(MARKED in sentence for sentence in findings_across(board, reference="erm"))
    table = summary(tables)
    assert table.rows[-1][0] == MARKED
    assert table.rows[-1][5] == "none (oracle)"
    assert ORACLE_NOTE in table.note
    assert OPENED in table.note


def test_every_figure_that_shows_an_oracle_says_so_above_its_marks(peeked):
    marked = [
        drawn.figure
        for view in draw_all(peeked, Choice())
        for _, drawn in view.figures
        if MARKED in drawn.figure.to_json()
    ]
    assert len(marked) >= 4
    assert all(ORACLE_NOTE in str(figure.layout.annotations) for figure in marked)


def test_figures_of_a_run_without_an_oracle_do_not(builder):
    tables = tables_of(builder, origin="tuned")
    for view in draw_all(tables, Choice()):
        for _, drawn in view.figures:
            assert "ORACLE" not in drawn.figure.to_json()


def test_the_report_says_it_on_top_and_in_both_tables(peeked, tmp_path):
    write_report(peeked, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text()
    assert f'role="alert">{ORACLE_NOTE}' in page
    assert page.count(f"<caption>{ORACLE_NOTE}; {OPENED}</caption>") == 2
    assert f">{MARKED}</th>" in page


def test_the_report_counts_openings_without_an_oracle_too(builder, tmp_path):
    write_report(tables_of(builder, origin="tuned"), tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text()
    assert page.count(f"<caption>{OPENED}</caption>") == 2
    assert ORACLE_NOTE not in page


def test_the_terminal_says_it_under_every_table_of_scores(peeked, capsys):
    show_comparison(peeked, reference="erm")
    said = " ".join(capsys.readouterr().out.split())
    tables = said.count("mean ± standard deviation over folds") + said.count("counts pooled")
    assert tables == said.count(OPENED) == 3
    assert "coral " not in said.replace(MARKED, "")


def test_json_rows_carry_the_mark_and_the_number_of_openings(peeked, tmp_path):
    told = comparison_json("main", peeked, "erm")
    assert (told["openings"], told["oracle"]) == (7, [MARKED])
    assert {row["method"]: row["oracle"] for row in told["leaderboard"]} == {
        "boda": False,
        "erm": False,
        MARKED: True,
    }
    assert {cell["method"] for cell in told["cells"]} == {"boda", "erm", MARKED}


def test_a_method_that_only_stands_as_an_oracle_is_not_missing_under_its_own_name(peeked):
    assert peeked.methods == ("boda", "coral", MARKED, "erm")
    assert peeked.judged == ("boda", MARKED, "erm")
    assert set(coverage(peeked)["method"]) == set(peeked.judged)


def test_one_opening_is_one():
    assert openings_note(1) == "held-out counts of 1 configuration have been opened in this run"


def test_the_selection_rule_names_other_objectives_and_oracles():
    default = {"erm--away": "val/macro_f1"}
    assert selection_rule(default) == SELECTION_RULE
    assert selection_rule({}) == SELECTION_RULE
    other = selection_rule(default | {"boda--away": "val/micro_f1"}, oracle=("coral on away",))
    assert "boda--away by val/micro_f1" in other
    assert other.endswith("not a result: coral on away")


def test_what_trials_were_ranked_by_is_on_their_axis(builder):
    objectives = {"coral--away": "val/micro_f1", "erm--away": "val/macro_f1"}
    tables = tables_of(builder, objectives=objectives)
    assert objective_of(tables, method="erm") == "validation macro F1"
    assert objective_of(tables, method="coral") == "val/micro_f1"
    (slices,) = [one for one in draw_all(tables, Choice()) if one.view.anchor == "settings"]
    assert slices.figures[0][1].figure.layout.yaxis.title.text == "val/micro_f1"
