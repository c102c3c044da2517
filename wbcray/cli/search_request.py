"""What `wbcray tune` was asked for, and the studies that make it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wbcray.core.errors import UsageError

if TYPE_CHECKING:
    from wbcray.cluster.plan import Resources, StudyPlan
    from wbcray.search.space import SearchSpace
    from wbcray.store.place import Place
    from wbcray.training.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked for on the command line."""

    methods: tuple[str, ...]
    held_out: tuple[str, ...]
    trials: int
    space: Path | None
    fixed: dict[str, Any]
    searched: dict[str, tuple[str, ...]]
    deterministic: bool = False

    def plans(
        self, run: "Place", settings: "Settings", resources: "Resources", *, sources: int
    ) -> list["StudyPlan"]:
        """One study plan per method and held-out domain, every one checked before a run is begun.

        Raises:
            UsageError: For a search space, or a value given with --set, that cannot be meant.
        """
        from wbcray.cluster.plan import StudyPlan, checked_config
        from wbcray.methods.compose import with_parts

        for method in self.methods:
            settings.config(method, self.fixed, where="--set")
            checked_config(settings, method, self.fixed, sources=sources, workers=resources.workers)
        made = [
            StudyPlan(
                run=run,
                method=method,
                held_out=held_out,
                space=self.search_space(method),
                settings=settings,
                trials=self.trials,
                resources=resources,
                fixed=self.fixed,
                sources=sources,
                deterministic=self.deterministic,
            )
            # A held part makes another method, which studies and tables must not mix up with it.
            for method in dict.fromkeys(with_parts(name, self.fixed) for name in self.methods)
            for held_out in self.held_out
        ]
        if not made:
            raise UsageError("no method was given", where="--method", fix="e.g. --method boda")
        for plan in made:
            plan.check()
            if not plan.space.dimensions:
                raise UsageError(
                    f"nothing is left to search for '{plan.method}'",
                    where="--set" if self.fixed else f"search space of '{plan.method}'",
                    fix="leave one hyper-parameter free, or use `wbcray train`",
                )
        return made

    def search_space(self, method: str) -> "SearchSpace":
        """What is searched for one method: its file, the axes of --search, less what is held."""
        from wbcray.cluster.spaces import holding, load_space, with_choice

        space = load_space(method, self.space)
        for axis, parts in self.searched.items():
            space = with_choice(space, axis, parts, self.space)
        return holding(space, self.fixed, self.space)
