"""Every command and option, frozen: who adds, renames or drops one has to say so here."""

import typer

from wbcray.cli.main import app

RUN = {"--project", "--run"}
TRAINING = RUN | {
    "--address",
    "--cpus-per-trial",
    "--deterministic",
    "--dry-run",
    "--epochs",
    "--folds",
    "--gpus-per-trial",
    "--insecure-cluster",
    "--json",
    "--weights",
    "--workers",
}
AXES = {
    "--classification",
    "--colour",
    "--domain-risk",
    "--finish",
    "--mixing",
    "--normalization",
    "--penalty",
    "--sampler",
}
READING = {"RUN", "--json", "--project"}

COMMANDS = {
    "": {"--debug", "--install-completion", "--json-errors", "--show-completion", "--version"},
    "demo": {"--deterministic", "--epochs", "--images", "--out", "--trials"},
    "init": {
        "DIR...",
        "--classes",
        "--classes-from-folders",
        "--force",
        "--json",
        "--out",
        "--profile",
        "--recipe",
    },
    "data describe": {"--json", "--project", "--sheet"},
    "data check": {
        "--json",
        "--permutation",
        "--permutations",
        "--project",
        "--sheet",
        "--write-ignore",
    },
    "data layouts": {"--json", "[NAME]"},
    "data prepare": {"--json", "--project", "--prune", "--verify"},
    "data synth": {
        "--domains",
        "--floor",
        "--images",
        "--layout",
        "--montage",
        "--out",
        "--part",
        "--seed",
        "--shrink",
        "--size",
        "--unpacked",
    },
    "data which": {"IDS", "--json", "--project"},
    "data unpack": {"--json", "ARCHIVE", "DIR"},
    "methods": {"NAME", "--json"},
    "train": TRAINING | AXES | {"--fold", "--held-out", "--method", "--seed", "--set"},
    "tune": TRAINING
    | AXES
    | {
        "--held-out",
        "--method",
        "--search",
        "--set",
        "--space",
        "--stall-minutes",
        "--storage",
        "--trials",
    },
    "compare": TRAINING
    | {
        "--held-out",
        "--i-know-this-peeks",
        "--methods",
        "--reference",
        "--seeds",
        "--selection",
        "--stall-minutes",
    },
    "report": READING | {"--open", "--out", "--reference", "--show-names"},
    "explore": {"RUN", "--host", "--open", "--optuna", "--port", "--project"},
    "export": READING | {"--figures", "--force", "--format", "--out", "--reference"},
    "predict": {
        *("IMAGES", "--ensemble", "--held-out", "--json", "--method", "--model", "--out"),
        *("--project", "--sheet", "--um-per-pixel"),
    },
    "status": READING,
    "store verify": READING,
    "store rebuild": READING,
    "doctor": {"--address", "--insecure-cluster", "--json", "--project"},
    "submit": {"--address", "--folder", "--follow", "--insecure-cluster", "--json", "COMMAND"},
}

SHORT = {"-p": "--project", "-o": "--out"}
"""Short forms, one meaning each in every command."""


def commands():
    """Every command that does something, by its words."""
    found = {}

    def visit(command, words):
        inside = getattr(command, "commands", None)
        if inside is None or not words:
            found[" ".join(words)] = command
        for name, one in (inside or {}).items():
            visit(one, (*words, name))

    visit(typer.main.get_command(app), ())
    return found


def names(parameter):
    """What a user types for it: the long option, or the argument's name."""
    if parameter.param_type_name == "argument":
        return {parameter.metavar or parameter.name.upper()}
    return {name for name in parameter.opts + parameter.secondary_opts if name.startswith("--")}


def test_commands_and_options_are_these_and_no_others():
    found = {
        words: set().union(*map(names, command.params)) - {"--help"}
        for words, command in commands().items()
    }
    assert found == COMMANDS


def test_a_short_option_means_the_same_everywhere():
    found = {
        (short, long)
        for command in commands().values()
        for parameter in command.params
        for short in parameter.opts
        for long in names(parameter)
        if short.startswith("-") and not short.startswith("--") and short != "-h"
    }
    assert found == set(SHORT.items())


def test_every_option_and_command_has_a_help_text():
    silent = [
        f"{words} {parameter.name}"
        for words, command in commands().items()
        for parameter in command.params
        if not getattr(parameter, "help", None)
    ]
    assert silent == []
    assert [words for words, command in commands().items() if not command.help] == []


def test_every_command_that_prints_results_has_json():
    silent = {words for words, options in COMMANDS.items() if words and "--json" not in options}
    assert silent == {"demo", "data synth", "explore"}
