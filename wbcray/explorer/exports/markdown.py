"""Tables as Markdown: the best in bold, every name escaped."""

from wbcray.explorer.exports.paper_table import BEST, TIED, Entry, PaperTable

_SPECIAL = frozenset("\\`*_{}[]<>#|~$&!")


def markdown(tables: tuple[PaperTable, ...]) -> str:
    """The tables one after the other, each with its title and notes."""
    return "\n".join(map(_table, tables))


def escaped(text: str) -> str:
    """Text that Markdown shows as it is; line breaks and control characters become spaces."""
    printed = "".join(letter if letter.isprintable() else " " for letter in text)
    return "".join(f"\\{letter}" if letter in _SPECIAL else letter for letter in printed)


def _table(table: PaperTable) -> str:
    lines = [
        f"## {escaped(table.title)}",
        "",
        _row(_heads(table)),
        _row(["---", *["---:"] * (len(table.header) - 1)]),
        *(_row([_entry(entry) for entry in row]) for row in table.rows),
        "",
        *(f"- {escaped(note)}" for note in table.notes),
        "",
    ]
    return "\n".join(lines)


def _heads(table: PaperTable) -> list[str]:
    """The heads with the name of their group before them, as Markdown has one line of heads."""
    over = [name for name, width in table.groups for _ in range(width)] or [""] * len(table.header)
    pairs = zip(over, table.header, strict=True)
    return [escaped(f"{group} {name}".strip()) for group, name in pairs]


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _entry(entry: Entry) -> str:
    text = escaped(entry.text)
    if entry.mark == BEST:
        return f"**{text}**"
    return f"{text} \\*" if entry.mark == TIED else text
