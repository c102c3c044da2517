"""`wbcray`: the commands, and what becomes of errors."""

import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import typer

from wbcray import __version__
from wbcray.cli import (
    compare,
    demo,
    doctor,
    explore,
    export,
    init,
    methods,
    predict,
    report,
    status,
    store,
    submit,
    train,
    tune,
)
from wbcray.cli.console import show_error
from wbcray.cli.data.app import app as data_app
from wbcray.cli.interruption import TERMINATED, say_how_to_go_on
from wbcray.core.errors import ResourceError, WbcrayError, did_you_mean

app = typer.Typer(
    name="wbcray",
    no_args_is_help=True,
    rich_markup_mode=None,  # rich help costs half of the start
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("demo")(demo.demo)
app.command("init")(init.init)
app.add_typer(data_app, name="data")
app.command("methods")(methods.methods)
app.command("train")(train.train)
app.command("tune")(tune.tune)
app.command("compare")(compare.compare)
app.command("submit", context_settings={"allow_interspersed_args": False})(submit.submit)
app.command("explore")(explore.explore)
app.command("report")(report.report)
app.command("predict")(predict.predict)
app.command("export")(export.export)
app.command("status")(status.status)
app.add_typer(store.app, name="store")
app.command("doctor")(doctor.doctor)


def _version(wanted: bool) -> bool:
    if wanted:
        print(f"wbcray {__version__}")
        raise typer.Exit
    return wanted


@app.callback()
def wbcray(
    *,
    version: Annotated[  # its callback does the work
        bool,
        typer.Option("--version", help="Print the version and stop.", callback=_version),
    ] = False,
    json_errors: Annotated[
        bool,
        typer.Option("--json-errors", help="Print errors as one line of JSON on stderr."),
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error came from.")] = False,
) -> None:
    """Tune and compare domain-generalisation methods for white-blood-cell images.

    --json-errors and --debug may stand anywhere in a command line.
    """
    # both are taken out of every command line by `run`; here they are in the help


@dataclass(frozen=True, slots=True, kw_only=True)
class _Telling:
    """How a command line wants to be told of an error: `--json`, `--json-errors`, `--debug`."""

    as_json: bool
    in_one_line: bool
    debug: bool


_INTERRUPTED, _TERMINATED = 130, 143
_ANYWHERE = ("--json-errors", "--debug")


def main() -> None:
    """Run the command line and leave with its exit code."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """The exit code of a command line; prints errors as what, where, fix."""
    telling = _Telling(
        as_json="--json" in arguments,
        in_one_line="--json-errors" in arguments,
        debug="--debug" in arguments,
    )
    arguments = [word for word in arguments if word not in _ANYWHERE]
    before = os.umask(_mask(arguments))
    try:
        code = app(arguments, prog_name="wbcray", standalone_mode=False)
        sys.stdout.flush()  # here, where a reader that has gone is no bug
    except WbcrayError as error:
        code = _show(error, telling)
    except (KeyboardInterrupt, typer.Abort):
        code = _INTERRUPTED
    except typer.Exit as error:  # Typer turns Ctrl-C into this
        code = error.exit_code
    except BrokenPipeError:
        code = _unread()
    except SystemExit as error:
        code = _left(error)
    except Exception as error:  # noqa: BLE001  # the last place where a bug can still be reported well
        code = _unexpected(error, telling)
    else:
        code = code if isinstance(code, int) else 0
    finally:
        os.umask(before)
    return _interrupted(arguments) if code == _INTERRUPTED else code


def _mask(arguments: Sequence[str]) -> int:
    """Which permissions new files lack: what is made of images is for this user's eyes only."""
    usual = os.umask(0)
    os.umask(usual)
    shared = arguments[:1] == ["init"] or arguments[:2] == ["data", "synth"]
    return usual if shared else usual | 0o077


def _interrupted(arguments: Sequence[str]) -> int:
    if arguments[:1] != ["explore"]:  # which records nothing
        say_how_to_go_on(arguments)
    return _TERMINATED if os.environ.get(TERMINATED) else _INTERRUPTED


def _left(error: SystemExit) -> int:
    """The code of whoever left; Click leaves with 1 where nobody reads on."""
    if isinstance(error.__context__, BrokenPipeError):
        return _unread()
    return error.code if isinstance(error.code, int) else int(error.code is not None)


def _unread() -> int:
    """`wbcray methods | head`: that nobody reads on is no error."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _unexpected(error: Exception, telling: _Telling) -> int:
    if hasattr(error, "format_message"):  # the parser's own errors: unknown option, bad value
        if error.format_message():  # empty when the help was printed for want of a command
            _print(_usage(error), telling)
        return 2
    return _show(_of_system(error) if isinstance(error, OSError) else _bug(error), telling)


def _show(error: WbcrayError, telling: _Telling) -> int:
    """The exit code of an error, after printing it; within `except`, for --debug."""
    if telling.debug:  # before the error, which is what people and programs read last
        traceback.print_exc()
    _print(error, telling)
    return error.exit_code


def _print(error: WbcrayError, telling: _Telling) -> None:
    show_error(error, as_json=telling.as_json, in_one_line=telling.in_one_line)


def _of_system(error: OSError) -> ResourceError:
    """A file or disk that does not do what was asked of it, where no command says it better."""
    return ResourceError(
        f"the system refused: {error.strerror or error}",
        where=str(error.filename or "this machine"),
        fix="check that the path exists and may be written, and that the disk has room",
    )


def _bug(error: Exception) -> WbcrayError:
    return WbcrayError(
        f"{type(error).__name__}: {error}",
        where="wbcray itself: this is a bug",
        fix="run again with --debug and report what it prints",
    )


def _usage(error: Exception) -> WbcrayError:
    from wbcray.core.errors import UsageError

    context = getattr(error, "ctx", None)
    where = context.command_path if context is not None else "wbcray"
    message = _number_wanted(error) or error.format_message()  # type: ignore[attr-defined]  # checked by the caller
    fix = f"see `{where} --help`"
    if message.startswith("No such command") and context is not None:
        given = message.split("'")[1]
        fix = did_you_mean(given, context.command.commands)
    near = getattr(error, "possibilities", None)
    if near and message.startswith("No such option"):
        message = message.split(" (Possible")[0]
        fix = f"did you mean {' or '.join(sorted(near))}? {fix}"
    return UsageError(message.split(". Did you mean")[0].rstrip("."), where=where, fix=fix)


def _number_wanted(error: Exception) -> str:
    """What number an option must be and what was given, which the parser does not repeat."""
    option = getattr(error, "param", None)
    problems: Sequence[Mapping[str, object]] = getattr(error.__cause__, "errors", list)()
    low, high = getattr(option, "min", None), getattr(option, "max", None)
    if option is None or not problems or (low is None and high is None):
        return ""
    whole = "float" not in str(option.type_descriptor.annotation)
    span = f">= {low}" if high is None else f"{low} .. {high}"
    return (
        f"{option.opts[0]} must be a {'whole ' * whole}number {span}, got '{problems[0]['input']}'"
    )
