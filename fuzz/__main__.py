"""`python -m fuzz NAME [libFuzzer options]`: run a target until it finds something."""

import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

import atheris

DEFAULTS = (
    "-max_total_time=600",
    "-max_len=16384",
    "-rss_limit_mb=1000",
    "-timeout=30",
    "-print_final_stats=1",
)
NAMES = ("archives", "configurations", "labels", "records")
_MEMORY = Path("/dev/shm")  # noqa: S108  # a file for every run would wear a disk
_READERS = ("zipfile", "tarfile", "csv", "yaml")


def main(arguments: list[str]) -> None:
    """Fuzz the target that `arguments` name first; never returns."""
    if not arguments or arguments[0] not in NAMES:
        sys.exit(f"usage: python -m fuzz {{{','.join(NAMES)}}} [libFuzzer options]")
    name, *options = arguments
    for reader in _READERS:
        sys.modules.pop(reader, None)  # what was imported before is not observed
    with atheris.instrument_imports(include=["wbcray", "fuzz", *_READERS]):
        from fuzz.target import accepts

        target = import_module(f"fuzz.{name}").TARGET
    folder = Path(tempfile.gettempdir()) / "wbcray-fuzz" / name
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    count = _Count()
    memory = _MEMORY if _MEMORY.is_dir() else folder
    input_file = Path(tempfile.mkdtemp(prefix=f"wbcray-fuzz-{name}-", dir=memory)) / "input"

    def run(content: bytes) -> None:
        began = time.process_time()
        accepted = accepts(target, content, input_file)
        count.note(time.process_time() - began, len(content), accepted=accepted)

    # of two options of one name libFuzzer takes the last
    atheris.Setup(
        [sys.argv[0], *DEFAULTS, f"-artifact_prefix={folder}/", *options, str(corpus)], run
    )
    atheris.Fuzz()


class _Count:
    """What libFuzzer does not count; said now and then, as it never returns."""

    def __init__(self) -> None:
        self._runs = self._accepted = 0
        self._slowest = 0.0

    def note(self, seconds: float, size: int, *, accepted: bool) -> None:
        """Take note of one run."""
        self._runs += 1
        self._accepted += accepted
        if seconds > 1.2 * self._slowest:
            self._slowest = seconds
            self._say(f"slowest so far: {seconds:.3f} s of processor time, {size} bytes")
        if self._runs & (self._runs - 1) == 0:
            self._say(f"{self._runs} runs, {self._accepted} accepted")

    @staticmethod
    def _say(text: str) -> None:
        sys.stderr.write(f"INFO: {text}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
