"""What the labels of a data set mean in the classes of a run."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from wbcray.core.errors import did_you_mean
from wbcray.core.label_space import CANONICAL, COARSE, LABEL_SPACES, LabelSpace
from wbcray.core.project import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """From raw label to class, for one domain.

    Attributes:
        classes: Class names of the run.
        space: Their label space, None for a list of names.
        label_map: What `wbcray.yaml` says of raw labels; None leaves images out.
        mapping: What the domain's layout says of them; None for a domain without layout.
    """

    classes: tuple[str, ...]
    space: LabelSpace | None = None
    label_map: Mapping[str, str | None] = field(default_factory=dict)
    mapping: Mapping[str, str | None] | None = None

    def class_of(self, label: str) -> str | None:
        """The class that `label` means, None where its images are left out.

        Raises:
            LookupError: For a label that means nothing here.
        """
        if label in self.label_map:
            target = self.label_map[label]
        elif self.mapping is not None:
            target = self.mapping[label]
        else:
            target = label
        return None if target is None else self._in_classes(target)

    def advice(self, label: str) -> str:
        """What to do about a label that means nothing here."""
        near = did_you_mean(label, self.classes)
        if self.space is CANONICAL and COARSE.resolve(label):
            near = f"it is coarser than {CANONICAL.name}: use `classes: {COARSE.name}`"
        return f"{near}; add it to `label_map: {{{label}: CLASS}}`, with null to leave it out"

    def _in_classes(self, name: str) -> str | None:
        if self.space is None:
            if name not in self.classes:
                raise LookupError(name)
            return name
        found = self.space.resolve(name)
        # what another label space knows is no mistake, only not wanted here; but a domain that
        # was labelled by hand may mean one of the finer classes by a coarse name
        known = CANONICAL.resolve(name) or (self.mapping is not None and COARSE.resolve(name))
        if found is None and not known:
            raise LookupError(name)
        return found


def vocabulary_of(
    project: Project,
    label_map: Mapping[str, str | None],
    mapping: Mapping[str, str | None] | None,
) -> Vocabulary:
    """The vocabulary of one domain of a project."""
    return Vocabulary(
        classes=project.classes,
        space=LABEL_SPACES[project.label_space] if project.label_space else None,
        label_map=label_map,
        mapping=mapping,
    )
