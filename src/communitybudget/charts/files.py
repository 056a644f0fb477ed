"""A figure as the bytes of an image file."""

from io import BytesIO
from typing import Literal

from matplotlib.figure import Figure, SubFigure

from communitybudget.charts.style import house_style

DPI = 200
"""Dots per inch of PNG files."""


def figure_bytes(figure: Figure | SubFigure, kind: Literal["svg", "png"]) -> bytes:
    """Return a figure as an image file: the same figure gives the same bytes.

    No date and no version of any software is written. Text in SVG is drawn as
    outlines, so it looks the same on a computer without the font; the chart's
    title is the SVG's title. PNG has 200 dots per inch.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        For a chart's axes, ``ax.figure``; for part of a figure, the whole is written.
    kind : {"svg", "png"}
        Kind of file.

    Returns
    -------
    bytes

    Raises
    ------
    ValueError
        For another kind of file.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> figure_bytes(Figure(), "png")[1:4]
    b'PNG'
    """
    whole = figure.figure
    metadata: dict[str, str | None]
    if kind == "svg":
        metadata = {"Date": None, "Creator": None, "Title": figure_title(whole) or None}
    elif kind == "png":
        metadata = {"Software": None}
    else:
        raise ValueError(f"'{kind}' is not a kind of image that can be written; use 'svg' or 'png'")
    buffer = BytesIO()
    with house_style():
        whole.savefig(buffer, format=kind, dpi=DPI if kind == "png" else "figure", metadata=metadata)
    return buffer.getvalue()


def figure_title(figure: Figure) -> str:
    """Return the titles in a figure on one line; empty if there are none.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> figure = Figure()
    >>> _ = figure.add_subplot().set_title("Who pays")
    >>> figure_title(figure)
    'Who pays'
    """
    titles = [figure.get_suptitle(), *(ax.get_title() for ax in figure.axes)]
    return "; ".join(" ".join(title.split()) for title in titles if title)
