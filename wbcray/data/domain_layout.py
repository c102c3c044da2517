"""The layout that a domain of `wbcray.yaml` names, with its part, mapping and cleaning rule."""

from collections.abc import Mapping
from dataclasses import dataclass

from wbcray.core.domain import Domain
from wbcray.core.errors import UsageError, unknown_name
from wbcray.data.layouts.layout import Layout, Part
from wbcray.data.layouts.load import load_layout


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainLayout:
    """What is published about a domain.

    Attributes:
        layout: The data set.
        part: The piece of it that the domain is.
        mapping: Raw label -> class, or None for images that are left out.
        least_red: Mean red below which an image is dropped, None where nothing is cleaned.
    """

    layout: Layout
    part: Part
    mapping: Mapping[str, str | None]
    least_red: float | None


def layout_of(domain: Domain) -> DomainLayout | None:
    """The domain's layout, None for a folder of class folders or a CSV file.

    Raises:
        UsageError: For a layout, part, mapping or cleaning rule that does not exist, with the
            line of the project file that names it.
    """
    if domain.layout is None:
        return None
    try:
        layout = load_layout(domain.layout)
        return DomainLayout(
            layout=layout,
            part=layout.part(domain.part),
            mapping=layout.mapping(domain.mapping),
            least_red=_least_red(layout, domain.clean),
        )
    except UsageError as error:
        raise UsageError(error.what, where=error.where or domain.where, fix=error.fix) from error


def _least_red(layout: Layout, rule: str | None) -> float | None:
    if rule is None:
        return None
    if rule not in layout.cleaning:
        raise unknown_name(f"cleaning rule of layout {layout.name}", rule, layout.cleaning)
    return layout.cleaning[rule]
