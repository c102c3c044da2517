"""Load the layout of a published data set by name, or one of your own from a YAML file."""

from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError

from wbcray.core.errors import UsageError, unknown_name
from wbcray.core.problems import Problems
from wbcray.core.yaml_file import load_document
from wbcray.data.layouts.layout import FileFormat, Layout, Part, TableRule
from wbcray.data.layouts.mistakes import contradictions, explain
from wbcray.data.layouts.schema import FilesSection, LayoutFile, PartSection

_KNOWN = Path(__file__).parent / "known"
_SUFFIXES = (".yaml", ".yml")


def layout_names() -> tuple[str, ...]:
    """The names of all layouts that come with wbcray, sorted."""
    return tuple(sorted(path.stem for path in _KNOWN.glob("*.yaml")))


def describe_layouts() -> tuple[Layout, ...]:
    """Every layout that comes with wbcray, by name."""
    return tuple(load_layout(name) for name in layout_names())


def load_layout(name: str) -> Layout:
    """The layout called `name`, or the one in the YAML file at the path `name`.

    Raises:
        UsageError: For an unknown name, or a file that is no layout; with file and line.
    """
    if name.endswith(_SUFFIXES):
        return _load(Path(name))
    if name not in layout_names():
        problem = unknown_name("layout", name, layout_names())
        raise UsageError(problem.what, fix=f"{problem.fix}; or give the path of a .yaml file")
    return _load_known(name)


@lru_cache
def _load_known(name: str) -> Layout:
    return _load(_KNOWN / f"{name}.yaml")


def _load(path: Path) -> Layout:
    document = load_document(path, kind="layout", fix="the layouts of wbcray are an example")
    problems = Problems(str(path))
    try:
        content = LayoutFile.model_validate(document.data)
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_context=False):
            problems.add(explain(detail, document))
        problems.raise_any()
        raise
    for problem in contradictions(content, document):
        problems.add(problem)
    problems.raise_any()
    return _build(path.stem, content)


def _build(name: str, content: LayoutFile) -> Layout:
    return Layout(
        name=name,
        title=content.title,
        licence=content.licence,
        citation=content.citation,
        obtain=content.obtain,
        notes=content.notes,
        parts=tuple(_part(name, section) for name, section in content.parts.items()),
        suffixes=tuple(content.suffixes),
        folders={code: tuple(names) for code, names in content.folders.items()},
        separator=content.separator,
        mappings=content.mappings,
        default_mapping=content.default_mapping,
        looks_like=content.looks_like,
        more_of=tuple((more, less) for more, less in content.more_of),
        reannotations=tuple(content.reannotations),
        patient=content.patient,
        cleaning={str(rule): limit for rule, limit in content.cleaning.items()},
        files=_files(content.files),
    )


def _part(name: str, section: PartSection) -> Part:
    table = section.table
    return Part(
        name=name,
        under=tuple(section.under),
        label_from=section.label_from,
        table=None if table is None else TableRule(**table.model_dump()),
        px_per_um=section.px_per_um,
        published=section.published,
        files=None if section.files is None else _files(section.files),
    )


def _files(section: FilesSection) -> FileFormat:
    return FileFormat(**section.model_dump())
