"""Tables of an export: what they mark, what they must say, and that no name breaks them."""

import csv
import re
import shutil
import subprocess
from dataclasses import replace
from io import StringIO

import numpy as np
import pandas as pd
import pytest

from wbcray.explorer.exports.csv_text import BYTE_ORDER_MARK, tidy_csv, wide_csv
from wbcray.explorer.exports.latex import escaped as latex_escaped
from wbcray.explorer.exports.latex import latex
from wbcray.explorer.exports.markdown import markdown
from wbcray.explorer.exports.paper_table import BEST, PLAIN, TIED, Entry, PaperTable
from wbcray.explorer.exports.paper_tables import paper_tables
from wbcray.explorer.exports.tidy import tidy_tables
from wbcray.explorer.reading.facts import RunFacts
from wbcray.explorer.reading.selection import selected_cells

SYNTHETIC = "SYNTHETIC IMAGES: made by a program"
LEAKAGE = "LEAKAGE ALLOWED: one picture is on both sides"
ORACLE = "ORACLE: chosen by held-out scores"
NASTY = '50%_a&b#{x}$^~\\[1]*<i>|"\n'


def one_table(*texts, **fields):
    """A table with one row below its heads."""
    shown = {"name": "t", "title": "Title", "notes": ("note",), "header": ("method", "F1")}
    rows = (tuple(Entry(text=text) for text in texts),)
    return PaperTable(**(shown | {"rows": rows} | fields))


def marked():
    """Three rows: the best, one tied with it, one apart."""
    marks = (("boda", BEST), ("erm", TIED), ("dann", PLAIN))
    rows = tuple((Entry(text=name), Entry(text="0.7 ± 0.1", mark=mark)) for name, mark in marks)
    return one_table(rows=rows)


@pytest.fixture(scope="module")
def papers(realistic):
    return paper_tables(realistic, reference="erm")


def by_name(tables, name):
    (found,) = [table for table in tables if table.name == name]
    return found


@pytest.fixture
def told_apart(builder):
    """In five folds boda finds 9 of 10 images, coral 8 or 9, erm 2 or 3; dann has one fold."""
    run = builder(folds=5)
    right = {"boda": [9, 9, 9, 9, 9], "coral": [9, 8, 9, 9, 8], "erm": [2, 3, 2, 3, 2], "dann": [9]}
    for method, hits in right.items():
        for fold, n in enumerate(hits):
            counts = [[n, 10 - n, 0], [10 - n, n, 0], [0, 0, 0]]
            home = {"home": [[100, 0, 0], [0, 100, 0], [0, 0, 0]]}
            run.cell(method, "away", fold, validation=home, unseen=counts)
    return run.curve("erm", "away", 0, [0.5]).trial("boda", "away", 0, 0.5).build()


def test_the_highest_macro_score_is_best_and_its_tie_group_is_marked(told_apart):
    table = by_name(paper_tables(told_apart, reference="erm"), "scores-unseen")
    found = {row[0].text: [entry.mark for entry in row[1:]] for row in table.rows}
    assert found == {
        "boda": [PLAIN, BEST],
        "coral": [PLAIN, TIED],
        "erm": [PLAIN, PLAIN],
        "dann": [PLAIN, PLAIN],
    }
    assert by_name(paper_tables(told_apart, reference="erm"), "scores-unseen").groups == (
        ("", 1),
        ("away", 2),
    )


def test_a_caption_defines_plus_minus_and_counts_folds_and_openings(told_apart):
    notes = by_name(paper_tables(told_apart, reference="erm"), "scores-unseen").notes
    assert notes[0].startswith("mean ± standard deviation over folds, n = 1 to 5 folds")
    assert "an asterisk marks what the corrected test over folds does not separate" in notes[1]
    assert "held-out counts of 1 configuration have been opened in this run" in notes


def test_with_two_folds_nothing_is_best(builder):
    run = builder()
    for fold in (0, 1):
        run.cell("erm", "away", fold, validation={"home": [[1, 0, 0]] * 3}, unseen=[[1, 0, 0]] * 3)
    table = by_name(paper_tables(run.build(), reference="erm"), "scores-unseen")
    assert {entry.mark for row in table.rows for entry in row} == {PLAIN}
    assert "nothing is marked: no comparison below 3 folds" in table.notes


def test_what_held_out_scores_chose_stands_last_and_is_never_best(builder):
    run = builder(oracle=True, folds=3)
    for fold in range(3):
        for method, hits in (("boda (ORACLE)", 9), ("erm", 5 + fold % 2)):
            counts = [[hits, 10 - hits, 0], [0, 10, 0], [0, 0, 10]]
            origin = "oracle" if "ORACLE" in method else "tuned"
            home = {"home": [[9, 0, 0], [0, 9, 0], [0, 0, 9]]}
            run.cell(method, "away", fold, validation=home, unseen=counts, origin=origin)
    table = by_name(paper_tables(run.build(), reference="erm"), "scores-unseen")
    assert [(row[0].text, row[2].mark) for row in table.rows] == [
        ("erm", BEST),
        ("boda (ORACLE)", PLAIN),
    ]
    assert any(note.startswith(ORACLE) for note in table.notes)


def test_every_domain_has_its_comparison_and_every_split_its_classes(papers, realistic):
    names = {table.name for table in papers}
    assert {f"comparison-unseen-{n}" for n in range(3)} <= names
    assert {"scores-unseen", "scores-validation"} <= names
    assert len([name for name in names if name.startswith("classes-")]) == 6
    shown = by_name(papers, "classes-unseen-0")
    assert shown.header[0] == "method"
    assert len(shown.header) == 1 + len(realistic.facts.classes)


def test_a_watermark_stands_under_every_table(told_apart):
    facts = replace(told_apart.facts, synthetic=True, allowed=("leakage",), oracle=True)
    tables = replace(told_apart, facts=facts)
    for table in paper_tables(tables, reference="erm"):
        for mark in (SYNTHETIC, LEAKAGE, ORACLE):
            assert any(note.startswith(mark) for note in table.notes), table.name
    for name, frame in tidy_tables(tables, reference="erm").items():
        assert set(frame["watermark"]) == {"SYNTHETIC LEAKAGE ORACLE"}, name
    assert wide_csv(one_table("erm", "1"), watermark="ORACLE").endswith("erm,1,ORACLE\n")


def test_real_images_without_an_oracle_have_an_empty_watermark(told_apart):
    frames = tidy_tables(told_apart, reference="erm")
    assert {mark for frame in frames.values() for mark in frame["watermark"]} == {""}


def test_latex_sets_the_best_in_bold_and_an_asterisk_on_what_ties():
    lines = latex((marked(),)).splitlines()
    assert r"boda & {\boldmath\textbf{0.7 $\pm$ 0.1}} \\" in lines
    assert r"erm & 0.7 $\pm$ 0.1\textsuperscript{*} \\" in lines
    assert r"dann & 0.7 $\pm$ 0.1 \\" in lines


def test_markdown_sets_the_best_in_bold_and_an_asterisk_on_what_ties():
    lines = markdown((marked(),)).splitlines()
    assert "| boda | **0.7 ± 0.1** |" in lines
    assert r"| erm | 0.7 ± 0.1 \* |" in lines
    assert "| --- | ---: |" in lines


def test_latex_escapes_each_of_its_own_characters():
    assert latex_escaped(r"a_b&c%d#e$f{g}h~i^j\k") == (
        r"a\_b\&c\%d\#e\$f\{g\}h\textasciitilde{}i\textasciicircum{}j\textbackslash{}k"
    )
    assert latex_escaped("x\ny\0") == "x y "


def unbalanced(text):
    """What is wrong with LaTeX's braces, mathematics and rows, as a poor man's compiler sees it."""
    bare = re.sub(r"(?m)(?<!\\)%.*$", "", text)
    commands = re.sub(r"\\\\|\\[{}$&#_%]", "", bare)
    begun, ended = (re.findall(rf"\\{word}{{([a-z]+)}}", bare) for word in ("begin", "end"))
    outside = re.sub(r"\\[a-z]+\{[^}]*\}", "", commands)
    wrong = {
        "braces": not in_order(commands),
        "mathematics": commands.count("$") % 2 == 1,
        "special characters": bool(re.search(r"[#_^~\"]", outside)),
        "environments": sorted(begun) != sorted(ended),
        "rows": any(len(widths) != 1 for widths in row_widths(bare)),
    }
    return [name for name, found in wrong.items() if found]


def in_order(commands):
    depth = 0
    for letter in commands:
        depth += {"{": 1, "}": -1}.get(letter, 0)
        if depth < 0:
            return False
    return depth == 0


def row_widths(bare):
    """For each table the set of its rows' columns."""
    for body in re.findall(r"\\toprule(.*?)\\bottomrule", bare, re.DOTALL):
        yield {
            1
            + len(re.findall(r"(?<!\\)&", row))
            + sum(int(n) - 1 for n in re.findall(r"\\multicolumn{(\d+)}", row))
            for row in re.findall(r"(?m)^(.*) \\\\$", body)
        }


@pytest.mark.parametrize(
    "broken", ["{", "}", "$", "a_b", r"\begin{x}", "\\toprule\na & b \\\\\nc \\\\\n\\bottomrule"]
)
def test_the_check_of_latex_finds_what_is_broken(broken):
    assert unbalanced(broken)


def test_the_latex_of_a_run_is_whole(papers):
    assert unbalanced(latex(papers)) == []


def test_nasty_names_stay_text_in_latex():
    nasty = one_table(NASTY, NASTY, title=NASTY, notes=(NASTY,), groups=(("", 1), (NASTY, 1)))
    assert unbalanced(latex((nasty,))) == []
    assert "\\\\\n[" not in latex((one_table("[3cm]", "*"),))


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex")
def test_pdflatex_takes_the_tables(papers, tmp_path):
    nasty = one_table(NASTY, NASTY, title=NASTY)
    (tmp_path / "t.tex").write_text(latex((*papers, nasty)), encoding="utf-8")
    (tmp_path / "main.tex").write_text(
        r"\documentclass{article}\usepackage[T1]{fontenc}\usepackage{booktabs}"
        r"\begin{document}\input{t}\end{document}"
    )
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "main.tex"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]


def test_nasty_names_stay_text_in_markdown():
    text = markdown((one_table("a|b", "<script>*x*_y_`z`[l](u)\n# h", title="t\n# t"),))
    (row,) = [line for line in text.splitlines() if line.startswith("| a")]
    assert row.count("|") - row.count(r"\|") == 3
    assert re.search(r"(?<!\\)[<*_`\[]", row) is None
    assert [line for line in text.splitlines() if line.startswith("#")] == [r"## t \# t"]


def test_a_spreadsheet_runs_nothing_of_a_name():
    frame = pd.DataFrame({"=cmd": ["=1+1", "@x", "-2 of 3"], "value": [-0.5, np.nan, 1.0]})
    rows = list(csv.reader(StringIO(tidy_csv(frame))))
    assert rows == [["'=cmd", "value"], ["'=1+1", "-0.5"], ["'@x", ""], ["'-2 of 3", "1.0"]]
    wide = wide_csv(one_table("=1+1", "0.5"), watermark="")
    assert wide.startswith(BYTE_ORDER_MARK + "method,F1,watermark\n")
    assert "'=1+1,0.5," in wide


def test_tidy_numbers_come_back_as_they_were(realistic):
    frames = tidy_tables(realistic, reference="erm")
    assert set(frames) == {
        *("leaderboard", "classes", "confusion", "curves", "cells", "trials", "coverage"),
    }
    for name, column in (("leaderboard", "p_holm"), ("trials", "p_optimizer.lr")):
        again = [row[column] for row in csv.DictReader(StringIO(tidy_csv(frames[name])))]
        exact = frames[name][column].tolist()
        assert [float(text or "nan") for text in again] == pytest.approx(exact, abs=0, nan_ok=True)
    cells = selected_cells(realistic)
    assert len(frames["cells"]) == len(cells)
    images = frames["confusion"].query("split == 'unseen'")["count"].sum()
    assert images == cells["n_test"].where(cells["test_opened"], 0).sum()


def test_a_list_in_the_table_of_trials_is_json():
    frame = pd.DataFrame({"values": [[0.5, 1.0], np.array([1, 2]), None]})
    assert tidy_csv(frame) == 'values\n"[0.5, 1.0]"\n"[1, 2]"\n""\n'


def test_an_empty_run_has_empty_tables_and_no_paper_table(builder):
    empty = builder().build()
    assert isinstance(empty.facts, RunFacts)
    assert paper_tables(empty, reference="erm") == ()
    assert all(len(frame) == 0 for frame in tidy_tables(empty, reference="erm").values())
