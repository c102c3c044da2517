"""Rows 1 to 16 of what a user may get wrong: command line, settings, search spaces.

Each is refused in words that help, with its exit code; nothing is written, no Ray is started.
"""

import pytest
from bad_rows import DESCRIBE, REFUSED, TUNE, USAGE, check, replaced, row

from wbcray.core.project import load_project

SPACE = (*TUNE, "--space", "spaces")


def content(text):
    """A project file of these bytes."""
    return lambda place: place.project.write_bytes(text)


def space(*lines):
    """A folder with a search space for erm."""

    def write(place):
        (place.folder / "spaces").mkdir()
        text = "\n".join(("method: erm", *lines))
        (place.folder / "spaces" / "erm.yaml").write_text(text)

    return write


def lr(entry):
    """A search space of the learning rate alone."""
    return space("params:", f"  optimizer.lr: {entry}")


COMMAND_LINE = [
    row("01 unknown command", ("tuen",), USAGE, "No such command 'tuen'", "wbcray",
        "did you mean 'tune'?"),
    *(
        row(f"02 trials {text}", (*TUNE, "--trials", text), USAGE,
            f"--trials must be a whole number 1 .. 100000, got '{text}'", "wbcray tune",
            "see `wbcray tune --help`")
        for text in ("-5", "abc", "1e9", "1000000000", "2.5")
    ),
    row("16 unknown method", ("tune", "--method", "IRMm"), USAGE, "unknown method 'IRMm'",
        "--method", "did you mean 'irm'?"),
]  # fmt: skip

SETTINGS = [
    row("03 missing", (*DESCRIBE, "-p", "gone.yaml"), USAGE, "project file not found: gone.yaml",
        "gone.yaml", "create one with `wbcray init DIR...`"),
    row("04 folder", (*DESCRIBE, "-p", "images"), USAGE, "the project file is a folder", "images",
        "wbcray init"),
    row("04 binary", DESCRIBE, USAGE, "the project file is a binary file", "wbcray.yaml",
        "UTF-8 text file", content(b"\x89PNG\0")),
    row("04 empty", DESCRIBE, USAGE, "the project file is empty (0 bytes)", "wbcray.yaml",
        "wbcray init", content(b"")),
    row("05 tab", DESCRIBE, USAGE, "cannot parse YAML at 4:1: tab used for indentation",
        "wbcray.yaml:4:1", "use spaces", replaced("  north: {", "\tnorth: {")),
    row("06 misspelt key", DESCRIBE, USAGE, "unknown key 'epohcs' in training", "wbcray.yaml:9",
        "did you mean 'epochs'?", replaced("epochs: 1", "epohcs: 1")),
    row("07 duplicate key", DESCRIBE, USAGE, "key 'image' given twice (lines 7 and 11)",
        "wbcray.yaml:11:1", "remove one", replaced("{batch_size: 8}\n",
        "{batch_size: 8}\nimage: {size: 64}\n")),
    row("08 text for a number", DESCRIBE, USAGE, "optimizer.lr must be a number, got 'fast'",
        "wbcray.yaml:10", "give a value in 1e-06 .. 0.1", replaced("batch_size: 8", "lr: fast")),
    row("09 booleans for classes", DESCRIBE, USAGE, "class names must be text, got true",
        "wbcray.yaml:2", 'quote it: "true"', replaced("blast, ", "true, ")),
    row("10 epochs", DESCRIBE, USAGE, "training.epochs must be a whole number >= 1, got 0",
        "wbcray.yaml:9", "e.g. `epochs: 30`", replaced("epochs: 1", "epochs: 0")),
    row("10 batch size", DESCRIBE, USAGE, "optimizer.batch_size must be a whole number, got 2.5",
        "wbcray.yaml:10", "2 .. 4096", replaced("batch_size: 8", "batch_size: 2.5")),
    row("10 not a number", DESCRIBE, USAGE, "optimizer.lr must be a finite number, got .nan",
        "wbcray.yaml:10", "write the number out", replaced("batch_size: 8", "lr: .nan")),
]  # fmt: skip

SEARCH = [
    row("11 reversed", SPACE, USAGE, "search space 'optimizer.lr': low 0.1 > high 0.001",
        "erm.yaml:3", "swap them", lr("{low: 0.1, high: 1e-3}")),
    row("12 log scale with 0", SPACE, USAGE, "'optimizer.weight_decay': a log scale needs low > 0",
        "erm.yaml:3", "1e-8, or write `log: false`",
        space("params:", "  optimizer.weight_decay: {low: 0, high: 1, log: true}")),
    row("13 nan", SPACE, USAGE, "'optimizer.lr': low must be a finite number, got .nan",
        "erm.yaml:3", "write the number out", lr("{low: .nan}")),
    row("13 inf", SPACE, USAGE, "'optimizer.lr': high must be a finite number, got .inf",
        "erm.yaml:3", "write the number out", lr("{high: .inf}")),
    row("13 step", SPACE, USAGE, "'augment.gain': (1 - 0) is not a multiple of step 0.3",
        "erm.yaml:3", "the last value would be 0.9: write `high: 0.9`",
        space("params:", "  augment.gain: {low: 0, high: 1, step: 0.3}")),
    row("14 no choices", SPACE, USAGE, "'optimizer.batch_size': choices are empty", "erm.yaml:3",
        "out of 2 .. 4096", space("params:", "  optimizer.batch_size: {choices: []}")),
    row("14 choice twice", SPACE, USAGE, "choice 8 stands twice", "erm.yaml:3", "remove one",
        space("params:", "  optimizer.batch_size: {choices: [8, 16, 8]}")),
    row("15 objective", SPACE, REFUSED, "objective 'test/f1' reads the held-out domain",
        "erm.yaml:2", "val/macro_f1", space("objective: test/f1")),
    row("16 unknown sampler", SPACE, USAGE, "unknown sampler 'tpes'", "erm.yaml:2",
        "did you mean 'tpe'?", space("search: {sampler: tpes}")),
    row("16 unknown scheduler", SPACE, USAGE, "unknown scheduler 'ahsa'", "erm.yaml:2",
        "did you mean 'asha'?", space("search: {scheduler: ahsa}")),
]  # fmt: skip


@pytest.mark.parametrize("bad", [*COMMAND_LINE, *SETTINGS, *SEARCH])
def test_what_is_asked_for_cannot_be_meant(place, refused, no_session, bad):
    check(bad, place, refused)


def test_row_08_a_number_in_any_spelling_is_accepted(place):
    place.replace("batch_size: 8", "batch_size: 8, lr: 1e-3")
    assert place.call(*TUNE, "--dry-run").code == 0
    assert load_project(place.project).optimizer.lr == 0.001


def test_row_09_no_and_yes_are_names_of_classes(place):
    place.replace("[blast, eosinophil, monocyte]", "[NO, YES]")
    assert load_project(place.project).classes == ("NO", "YES")


def test_row_10_all_wrong_values_of_a_file_are_told_at_once(place, refused):
    place.replace("epochs: 1", "epochs: 0")
    place.replace("{batch_size: 8}", "{batch_size: 2.5, lr: .nan, lr: fast}")
    found = refused(*DESCRIBE, code=USAGE)
    assert found["what"].startswith("4 problems in wbcray.yaml:")
    assert "wbcray.yaml:9: training.epochs" in found["what"]
    assert "wbcray.yaml:10: optimizer.batch_size" in found["what"]
    assert "wbcray.yaml:10: optimizer.lr" in found["what"]
    assert "wbcray.yaml:10:40: key 'lr' given twice" in found["what"]
    assert found["where"] == "wbcray.yaml"


def test_row_11_all_wrong_entries_of_a_search_space_are_told_at_once(place, refused):
    space("params:", "  optimizer.lr: {low: 0.1, high: 1e-3}", "  augment.gain: {lo: 0}",
          "search: {sampler: tpes, seed: -1}")(place)  # fmt: skip
    found = refused(*SPACE, code=USAGE)
    assert found["what"].startswith("4 problems in erm.yaml:")
    assert [line.split()[0] for line in found["what"].splitlines()[1:]] == [
        *("erm.yaml:3:", "erm.yaml:4:", "erm.yaml:5:", "erm.yaml:5:")
    ]
