"""What is closed until an opening has been recorded, and gives nothing away before that."""

from typing import Generic, TypeVar

Held = TypeVar("Held")


class Sealed(Generic[Held]):
    """Something of the held-out domain, closed until an opening has been recorded.

    Nothing can be computed from it: no array interface, no equality, no contents in its repr, no
    pickle or copy, in which the contents would lie in the open. `store` alone calls `reveal`:
    `leases` to write the sealed files, `openings` after it has written down who opens them and why.
    """

    __slots__ = ("__held",)

    def __init__(self, held: Held) -> None:
        self.__held = held

    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)"

    __hash__ = None  # type: ignore[assignment]  # equality would leak contents

    def __eq__(self, other: object) -> bool:
        raise TypeError("what is sealed cannot be compared")

    def __reduce__(self) -> tuple[object, ...]:
        """Refuse to be pickled or copied."""
        raise TypeError("what is sealed cannot be pickled or copied; `store.leases` keeps it")

    def reveal(self) -> Held:
        """The contents; to be called by `store` alone."""
        return self.__held
