"""What a person should know about a catalog although nothing is wrong: sentences for the terminal.

Nothing that is left out goes unsaid: an image that silently vanished changes every score.
"""

from collections.abc import Iterator, Sequence

from wbcray.core.project import Project
from wbcray.core.sample import Catalog
from wbcray.data.catalog import DomainReading, classes_without_images
from wbcray.data.listed import counted


def remarks(project: Project, readings: Sequence[DomainReading], catalog: Catalog) -> list[str]:
    """Sentences about images that are not used, labels that none bears, and what has none."""
    space = project.label_space or "the list of classes"
    found = [text for reading in readings for text in _about(reading, space)]
    absent = classes_without_images(catalog)
    if absent:
        found.append(
            f"no image of {', '.join(absent)} in any domain: nothing can learn or measure it"
        )
    return found


def _about(reading: DomainReading, space: str) -> Iterator[str]:
    name = reading.domain.name
    if reading.left_out:
        number = sum(reading.left_out.values())
        listed = ", ".join(f"{label} {n}" for label, n in sorted(reading.left_out.items()))
        yield f"'{name}': {counted(number, 'image')} left out, with no class in {space} ({listed})"
    if reading.cleaned:
        rule = reading.domain.clean
        yield f"'{name}': {counted(reading.cleaned, 'image')} dropped by `clean: {rule}`"
    if reading.unlisted:
        yield (
            f"'{name}': {counted(reading.unlisted, 'image')} not used, as "
            f"{reading.domain.path.name} does not list them"
        )
    strange = sorted(set(reading.domain.label_map) - set(reading.codes))
    if strange and reading.codes:
        listed = ", ".join(f"'{label}'" for label in strange)
        yield f"'{name}': no image bears {listed}, which `label_map` names"
    if all(sample.label is None for sample in reading.samples):
        yield f"'{name}' has no labels: nothing learns from it, and no score is measured on it"
