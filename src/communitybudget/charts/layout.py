"""Where a chart's axes come from, and where its title, legend and notes go."""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from textwrap import fill, wrap
from typing import cast

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.text import Text
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Bbox, ScaledTranslation

from communitybudget._core.cards import NOT_STATED, in_prices
from communitybudget._core.years import parse_year
from communitybudget.charts.files import figure_bytes, figure_title
from communitybudget.charts.style import SMALL, WIDTH_CM, house_style

_LINE = SMALL * 1.3
_CM_PER_INCH = 2.54

FULL_WIDTH, BESIDE_LABELS = 370.0, 290.0
"""Points left for a title over a chart with amounts, or with long labels, at its left."""


class ChartAxes(Axes):
    """Axes that show themselves in a notebook when they are the last line of a cell.

    The image carries the chart's title as its alternative text.
    """

    def _repr_html_(self) -> str:
        figure = cast(Figure, self.figure)
        image = b64encode(figure_bytes(figure, "png")).decode("ascii")
        width = figure.get_figwidth() * _CM_PER_INCH
        return (
            f'<img alt="{escape(figure_title(figure))}" style="width:{width:.1f}cm;max-width:100%" '
            f'src="data:image/png;base64,{image}">'
        )


class SteadyLayout(ConstrainedLayoutEngine):
    """Make room for all text, at the same place each time the figure is drawn.

    Left to itself the solver starts from where the axes were last put and answers with
    different last digits each time. Here it starts afresh, and its answer is rounded.
    """

    def execute(self, fig: Figure) -> None:
        """Lay out the figure."""
        for ax in fig.axes:
            spec = ax.get_subplotspec()
            if spec is not None:
                _place(ax, spec.get_position(fig))
        super().execute(fig)
        for ax in fig.axes:
            sides = (round(float(side), 6) for side in ax.get_position(original=True).bounds)
            _place(ax, Bbox.from_bounds(*sides))


def _place(ax: Axes, box: Bbox) -> None:
    """Put axes in a place and leave them to the layout, which `set_position` alone would not."""
    ax.set_position(box)
    ax.set_in_layout(True)


@contextmanager
def canvas(ax: Axes | None, *, height_cm: float) -> Iterator[Axes]:
    """Give the axes to draw on: the caller's as they are, or new ones in the house style.

    New axes stand alone in a figure 16 cm wide. The figure belongs to no window and to
    no list of open figures; it is gone when nobody refers to it. In a notebook the axes
    show themselves (see `ChartAxes`).

    Examples
    --------
    >>> with canvas(None, height_cm=8) as ax:
    ...     line = ax.plot([0, 1])
    >>> round(float(ax.figure.get_figwidth()), 2)
    6.3
    """
    if ax is not None:
        yield ax
        return
    with house_style():
        figure = Figure(figsize=(WIDTH_CM / _CM_PER_INCH, height_cm / _CM_PER_INCH), layout=SteadyLayout())
        FigureCanvasAgg(figure)
        yield figure.add_subplot(axes_class=ChartAxes)


def prices(price_base: str) -> str:
    """Return the words that go with every amount on an axis.

    Examples
    --------
    >>> prices("2026/27"), prices("not stated")
    ('GBP, real, 2026-27 prices', 'GBP, price base not stated')
    """
    return in_prices(price_base if price_base == NOT_STATED else parse_year(price_base))


def set_titles(ax: Axes, title: str, subtitle: str, *, points: float) -> None:
    """Put a title over the axes, and below it in plain type what it says or how to read it.

    Both are broken into lines no wider than ``points``.

    Examples
    --------
    >>> ax = Figure().add_subplot()
    >>> set_titles(ax, "Who pays", "Means", points=FULL_WIDTH)
    >>> ax.get_title()
    'Who pays'
    """
    below = ax.annotate(
        subtitle,
        xy=(0, 1),
        xycoords="axes fraction",
        xytext=(0, 6),
        textcoords="offset points",
        va="bottom",
        fontsize=SMALL,
        gid="subtitle",
    )
    _break_lines(below, points)
    lines = below.get_text().count("\n") + 1
    above = ax.set_title(title, x=0.0, ha="left", pad=10 + lines * _LINE)
    _break_lines(above, points)


def below_axes(
    ax: Axes,
    handles: Sequence[Artist] = (),
    *,
    columns: int = 1,
    notes: Sequence[str] = (),
    characters: int = 80,
) -> None:
    """Put the legend and then the notes under the label of the horizontal axis.

    Examples
    --------
    >>> ax = Figure().add_subplot()
    >>> below_axes(ax, ax.plot([0, 1], label="median"), notes=["Undiscounted."])
    >>> ax.get_legend().get_texts()[0].get_text()
    'median'
    """
    down = 36.0
    if handles:
        shift = ScaledTranslation(0, -down / 72, ax.figure.dpi_scale_trans)
        ax.legend(
            handles=list(handles),
            loc="upper left",
            bbox_to_anchor=(0, 0),
            bbox_transform=ax.transAxes + shift,
            ncols=columns,
            borderaxespad=0,
            borderpad=0.2,
            columnspacing=1.4,
            handlelength=1.8,
        )
        down += -(-len(handles) // columns) * (SMALL * 1.75) + 4
    if notes:
        ax.annotate(
            "\n".join(fill(note, characters) for note in notes),
            xy=(0, 0),
            xycoords="axes fraction",
            xytext=(0, -down),
            textcoords="offset points",
            va="top",
            fontsize=SMALL,
            gid="notes",
        )


def beside_rows(ax: Axes, texts: Sequence[str]) -> None:
    """Print a text at the right of each row, row 0 at the top.

    Examples
    --------
    >>> ax = Figure().add_subplot()
    >>> beside_rows(ax, ["£10k", "£64k"])
    >>> [text.get_text() for text in ax.texts]
    ['£10k', '£64k']
    """
    for row, text in enumerate(texts):
        ax.annotate(
            text,
            xy=(1, row),
            xycoords=("axes fraction", "data"),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL,
            annotation_clip=False,
            gid="row",
        )


def set_rows(ax: Axes, labels: Sequence[str]) -> None:
    """Name the rows of a horizontal bar chart, row 0 at the top, with grid lines for the values only.

    Examples
    --------
    >>> ax = Figure().add_subplot()
    >>> set_rows(ax, ["Police", "NHS"])
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['Police', 'NHS']
    """
    ax.set_yticks(range(len(labels)), list(labels))
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(labels) - 0.5, -0.5)
    ax.grid(visible=False, axis="y")


def wrap_label(text: str, characters: int) -> str:
    r"""Return a label broken into as few lines as fit, of about the same length.

    Parameters
    ----------
    text : str
        Line breaks in it are kept; no word is broken.
    characters : int
        Most characters on a line.

    Returns
    -------
    str

    Examples
    --------
    >>> wrap_label("Residential care, price per week", 28)
    'Residential care,\nprice per week'
    """
    lines = []
    for line in text.split("\n"):
        count = len(_words(line, characters))
        width = next((w for w in range(1, characters) if len(_words(line, w)) <= count), characters)
        lines += _words(line, width)
    return "\n".join(lines)


def rows_height_cm(labels: Sequence[str], *, least: float) -> float:
    """Return the height of a chart whose rows carry these labels, title and legend included.

    Examples
    --------
    >>> rows_height_cm(["Police", "NHS"], least=0.8)
    6.2
    """
    lines = max((label.count("\n") + 1 for label in labels), default=1)
    return 4.6 + len(labels) * max(least, 0.1 + 0.34 * lines)


def _break_lines(text: Text, points: float) -> None:
    """Break a text into lines that are no wider than ``points``, as drawn."""
    font = text.get_fontproperties()
    lines = []
    for paragraph in text.get_text().split("\n"):
        line = ""
        for word in paragraph.split():
            longer = f"{line} {word}".strip()
            width = text_to_path.get_text_width_height_descent(longer, font, ismath=False)[0]
            if line and width > points:
                lines.append(line)
                line = word
            else:
                line = longer
        lines.append(line)
    text.set_text("\n".join(lines))


def _words(line: str, characters: int) -> list[str]:
    return wrap(line, characters, break_long_words=False, break_on_hyphens=False)
