"""The look of every chart: type, colours, and which colour stands for which agency."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256

import matplotlib.style
from cycler import cycler

from communitybudget._core.vocabulary import agency_label

WIDTH_CM = 16.0
"""Width of a chart: the text width of an A4 page, so that nothing is scaled in print."""

SMALL = 8.0
"""Size in points of the smallest text."""

BLUE, TEAL, SAND, ROSE, DARK, GREY, BLACK = (
    "#33639C",
    "#44AA99",
    "#DDCC77",
    "#CC6677",
    "#222222",
    "#8C8C8C",
    "#000000",
)
GAIN, LOSS = BLUE, "#D9792B"

LOOKS = tuple(
    (colour, line) for line in ("-", "--", "-.", ":") for colour in (BLUE, LOSS, TEAL, DARK, ROSE, GREY)
)
"""Colours and line styles of the options of a decision, in their order."""

_COLOURS = (
    "#332288",
    "#88CCEE",
    "#117733",
    "#CC6677",
    "#DDCC77",
    "#44AA99",
    "#882255",
    "#999933",
    "#AA4499",
)
_PLAIN = (
    "local_authority",
    "dwp",
    "nhs",
    "police",
    "schools",
    "courts",
    "youth_justice",
    "housing_provider",
    "society",
)
_STRIPED = (
    "legal_aid",
    "cafcass",
    "probation",
    "prisons",
    "criminal_justice_other",
    "fire",
    "hmrc",
    "hmt",
    "central_government",
)
_DOTTED = ("voluntary_sector", "private_sector")
_REST_HATCHES = ("xxxx", "\\\\\\\\", "||||", "----")

OTHER_AGENCIES = "Other agencies"

_LOOKS: dict[str, tuple[str, str]] = {
    agency_label(key): (colour, hatch)
    for keys, hatch in ((_PLAIN, ""), (_STRIPED, "////"), (_DOTTED, ".."))
    for key, colour in zip(keys, _COLOURS, strict=False)
} | {
    OTHER_AGENCIES: ("#BBBBBB", ""),
    agency_label("unallocated"): ("#777777", "xxxx"),
}

_HOUSE: dict[str, object] = {
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.labelsize": 8.5,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "legend.fontsize": SMALL,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.linewidth": 0.8,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": DARK,
    "ytick.labelcolor": DARK,
    "axes.labelcolor": DARK,
    "text.color": DARK,
    "text.parse_math": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#DDDDDD",
    "grid.linewidth": 0.5,
    "hatch.linewidth": 0.8,
    "lines.linewidth": 1.6,
    "axes.prop_cycle": cycler(color=_COLOURS),
    "svg.fonttype": "path",
    "svg.hashsalt": "communitybudget",
}


@contextmanager
def house_style() -> Iterator[None]:
    """Draw in the house style while the ``with`` block lasts.

    Type is legible when the chart is printed 16 cm wide; colours can be told apart
    by colour-blind readers. A reader's own matplotlib settings are set aside inside
    the block and come back after it.

    Examples
    --------
    >>> import matplotlib
    >>> with house_style():
    ...     matplotlib.rcParams["font.family"]
    ['DejaVu Sans']
    """
    with matplotlib.style.context(["default", _HOUSE]):
        yield


def agency_look(name: str) -> tuple[str, str]:
    """Return the fill colour and hatch of an agency, whichever other agencies are shown.

    Parameters
    ----------
    name : str
        Name as printed. Each agency of the vocabulary has its own look; another
        name gets one from its spelling.

    Returns
    -------
    tuple of str
        Colour and matplotlib hatch (empty for a plain fill).

    Examples
    --------
    >>> agency_look("Local authority")
    ('#332288', '')
    >>> agency_look("Legal aid")
    ('#332288', '////')
    """
    known = _LOOKS.get(name)
    if known is not None:
        return known
    number = int.from_bytes(sha256(name.encode()).digest()[:8], "big")
    hatch, colour = divmod(number % (len(_COLOURS) * len(_REST_HATCHES)), len(_COLOURS))
    return _COLOURS[colour], _REST_HATCHES[hatch]
