"""What a figure has to say in words, above its legend; pages take its title away, but not this."""

import plotly.graph_objects as go

from wbcray.explorer.look.style import FONT_SIZE

_LINE = 20
"""Height of a line, pixels."""

_NAME = "remarks"

CLEAR = 26
"""Room for the legend or the names of facets, which stand directly above the axes, pixels."""


def remarked(figure: go.Figure, *lines: str, clear: int = CLEAR) -> go.Figure:
    """The figure with these lines above its marks, and with room for them; empty ones are left out.

    They stand `clear` pixels above the axes, below lines of an earlier call. Call it after
    `dressed`. Names in the lines must be escaped (`style.label`).
    """
    told = [line for line in lines if line]
    if not told:
        return figure
    before = [note for note in figure.layout.annotations if note.name == _NAME]
    for note in before:
        note.text = "<br>".join([note.text, *told])
    if not before:
        figure.add_annotation(
            name=_NAME,
            text="<br>".join(told),
            xref="paper",
            x=0,
            xanchor="left",
            align="left",
            yref="paper",
            y=1,
            yanchor="bottom",
            yshift=clear,
            font={"size": FONT_SIZE},
            showarrow=False,
        )
    room = _LINE * len(told)
    layout = figure.layout
    figure.update_layout(margin_t=layout.margin.t + room, height=layout.height + room)
    return figure
