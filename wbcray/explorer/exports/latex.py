r"""Tables as LaTeX: booktabs, the best in bold, every name and sentence escaped."""

from wbcray.explorer.exports.paper_table import BEST, TIED, Entry, PaperTable

_HEAD = "% written by wbcray export; needs \\usepackage{booktabs}, UTF-8 and a text font of T1\n"
_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "_": r"\_",
    "%": r"\%",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    # behind the end of a row, these would be read as its options
    "[": "{[}",
    "]": "{]}",
    "*": "{*}",
    "±": r"$\pm$",
    "\N{MINUS SIGN}": "$-$",
    "\N{EN DASH}": "--",
    "\N{DAGGER}": r"\dag{}",
    "\N{MULTIPLICATION SIGN}": r"$\times$",
}


def latex(tables: tuple[PaperTable, ...]) -> str:
    """The tables one after the other, to be read by the command `input`."""
    return _HEAD + "\n".join(map(_table, tables))


def escaped(text: str) -> str:
    """Text that LaTeX prints as it is; line breaks and control characters become spaces."""
    printed = "".join(letter if letter.isprintable() else " " for letter in text)
    return "".join(_SPECIAL.get(letter, letter) for letter in printed)


def _table(table: PaperTable) -> str:
    caption = f"{table.title}. {' '.join(map(_sentence, table.notes))}"
    lines = [
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{escaped(caption)}}}",
        rf"\label{{tab:{table.name}}}",
        rf"\begin{{tabular}}{{l{'r' * (len(table.header) - 1)}}}",
        r"\toprule",
        *_groups(table.groups),
        _row([escaped(name) for name in table.header]),
        r"\midrule",
        *(_row([_entry(entry) for entry in row]) for row in table.rows),
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _groups(groups: tuple[tuple[str, int], ...]) -> list[str]:
    if not groups:
        return []
    heads, rules, column = [], [], 1
    for name, width in groups:
        heads.append(rf"\multicolumn{{{width}}}{{c}}{{{escaped(name)}}}")
        if name:
            rules.append(rf"\cmidrule(lr){{{column}-{column + width - 1}}}")
        column += width
    return [_row(heads), " ".join(rules)]


def _row(cells: list[str]) -> str:
    return " & ".join(cells) + r" \\"


def _entry(entry: Entry) -> str:
    text = escaped(entry.text)
    if entry.mark == BEST:
        # \boldmath, because the plus-minus sign is mathematics
        return rf"{{\boldmath\textbf{{{text}}}}}"
    return rf"{text}\textsuperscript{{*}}" if entry.mark == TIED else text


def _sentence(note: str) -> str:
    """A note as a sentence of a caption."""
    return f"{note[:1].upper()}{note[1:].rstrip('.')}."
