"""One thing that a part must hold, with a name, and how it says that it is not held."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Check:
    """A property of a part or method; calling it raises AssertionError where it does not hold.

    Attributes:
        name: The property as a sentence; also `str(check)`, for the ids of tests.
        run: Returns nothing, or raises AssertionError with what was found.
    """

    name: str
    run: Callable[[], None]

    def __call__(self) -> None:
        """Run it."""
        self.run()

    def __str__(self) -> str:
        return self.name


def checks_about(subject: str, properties: Mapping[str, Callable[[], None]]) -> tuple[Check, ...]:
    """Checks whose messages begin with `subject`, such as "the penalty 'coral'"."""
    return tuple(Check(name, _about(subject, name, run)) for name, run in properties.items())


def _about(subject: str, name: str, run: Callable[[], None]) -> Callable[[], None]:
    def named() -> None:
        # A seed of its own for whatever a part draws when it is built; the caller's stays.
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            try:
                run()
            except AssertionError as error:
                raise AssertionError(f"{subject}: {error} (check: {name})") from error
            except Exception as error:
                raise AssertionError(
                    f"{subject} raised {type(error).__name__}: {error} (check: {name})"
                ) from error

    return named


def expect(condition: bool, otherwise: str) -> None:  # noqa: FBT001  # as `assert` is written
    """Raise an AssertionError that says `otherwise` unless `condition` holds.

    Raises:
        AssertionError: If it does not.
    """
    if not condition:
        raise AssertionError(otherwise)


def expect_finite(value: Tensor, what: str) -> None:
    """Refuse NaN and infinity."""
    expect(bool(torch.isfinite(value).all()), f"{what} is not finite: {_shown(value)}")


def expect_close(
    found: Tensor, wanted: Tensor, what: str, *, rtol: float = 1e-4, atol: float = 1e-5
) -> None:
    """Refuse tensors that differ by more than `rtol` of the largest number and `atol`."""
    found, wanted = found.detach(), wanted.detach()
    expect(
        found.shape == wanted.shape,
        f"{what}: shape {tuple(found.shape)}, not {tuple(wanted.shape)}",
    )
    if wanted.numel():
        gap = float((found.double() - wanted.double()).abs().max())
        allowed = atol + rtol * float(wanted.double().abs().max())
        expect(gap <= allowed, f"{what}: {_shown(found)}, not {_shown(wanted)}, {gap:.3g} apart")


def _shown(value: Tensor, most: int = 8) -> str:
    numbers = [f"{number:.6g}" for number in value.detach().flatten()[:most].tolist()]
    text = ", ".join(numbers) + (", ..." if value.numel() > most else "")
    return text if value.numel() == 1 else f"[{text}]"
