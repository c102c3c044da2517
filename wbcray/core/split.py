"""Which images a network learns from, is judged on, and must never see before the end."""

from dataclasses import asdict, dataclass

from wbcray.core.digest import digest
from wbcray.core.errors import RefusedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """One division of the source domains; numbers are positions in the catalog."""

    number: int
    train: tuple[int, ...]
    validation: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """All folds for one held-out domain.

    Raises:
        RefusedError: If an image is in two parts, or the held-out domain is in a fold.
    """

    held_out: str
    sources: tuple[str, ...]
    folds: tuple[Fold, ...]
    test: tuple[int, ...]

    @property
    def digest(self) -> str:
        """16 hexadecimal digits that name this division."""
        return digest(asdict(self))

    def __post_init__(self) -> None:
        test = set(self.test)
        for fold in self.folds:
            train, validation = set(fold.train), set(fold.validation)
            shared = (train & validation) | (train & test) | (validation & test)
            if shared:
                raise RefusedError(
                    f"{len(shared)} images are in two parts of fold {fold.number}, "
                    f"e.g. number {min(shared)}",
                    where=f"split for held-out domain '{self.held_out}'",
                    fix="delete splits.json of an unused run and let wbcray make it again",
                )
        if self.held_out in self.sources:
            raise RefusedError(
                f"the held-out domain '{self.held_out}' is also a source domain",
                fix="a domain is held out whole",
            )
