from collections.abc import Callable
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.text import Text
from matplotlib.transforms import Bbox

AGENCIES = [
    "Local authority",
    "Department for Work and Pensions",
    "NHS",
    "Police",
    "Youth custody",
    "Courts",
    "Cafcass",
    "Legal aid",
    "Society (people and employers)",
]


@pytest.fixture
def balance() -> pd.DataFrame:
    avoided = np.array([1_420_000.0, 210_000, 185_000, 96_000, 71_000, 22_000, -3_000, 14_000, 260_000])
    delivery = np.array([980_000.0, 40_000, 25_000, 0, 0, 0, 0, 0, 0])
    funding = np.array([120_000.0, -60_000, -30_000, -30_000, 0, 0, 0, 0, 0])
    net = avoided - delivery + funding
    spread = 5_000 + np.abs(avoided) * 0.6
    return pd.DataFrame(
        {
            "agency": AGENCIES,
            "costs_avoided": avoided,
            "delivery": delivery,
            "funding": funding,
            "net": net,
            "net_p10": net - spread,
            "net_p90": net + spread,
        }
    )


@pytest.fixture
def by_year() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    years = [f"{year}-{(year + 1) % 100:02d}" for year in range(2026, 2036)]
    return pd.DataFrame(
        [
            {"agency": agency, "year": year, "mean": size * rng.normal(1, 0.7)}
            for agency, size in zip(
                [*AGENCIES, "Schools", "Probation"], range(120_000, 10_000, -10_000), strict=True
            )
            for year in years
        ]
    )


@pytest.fixture
def cash() -> pd.DataFrame:
    median = np.array([-980_000.0, -1_100_000, -700_000, 20_000, -30_000, 40_000, 600_000, 1_100_000])
    spread = np.linspace(100_000, 900_000, median.size)
    return pd.DataFrame(
        {
            "year": [f"{year}-{(year + 1) % 100:02d}" for year in range(2013, 2021)],
            "p5": median - 1.3 * spread,
            "p10": median - spread,
            "p50": median,
            "p90": median + spread,
            "p95": median + 1.3 * spread,
            "mean": median + 10_000,
        }
    )


@pytest.fixture
def draws() -> pd.DataFrame:
    return pd.DataFrame({"npv": np.random.default_rng(1).normal(400_000, 600_000, 3_000)})


@pytest.fixture
def activity() -> pd.DataFrame:
    return pd.DataFrame(
        [
            ("child_safety", "Looked after, residential care", "weeks", 61.0, 8.0, 130.0, 640.0),
            ("child_safety", "Child protection plan", "months", -22.0, -60.0, 14.0, 880.0),
            ("school", "Unauthorised absence", "sessions missed", 3120.0, 900.0, 5400.0, 21_400.0),
            ("health", "A&E attendance", "attendances", 0.0, 0.0, 0.0, 0.0),
        ],
        columns=["pathway", "label", "unit", "mean", "p10", "p90", "bau_mean"],
    )


@pytest.fixture
def swings() -> pd.DataFrame:
    base = 1_420_000.0
    return pd.DataFrame(
        [
            ("Engagement", 820_000.0, 1_920_000.0, "assumption"),
            ("Effect on looked after children (relative risk)", -180_000.0, 2_520_000.0, "verified"),
            ("Key worker cost per family", 1_820_000.0, 980_000.0, "local"),
            ("Deadweight: share who would have improved anyway", 1_120_000.0, 1_370_000.0, "recalled"),
            ("Court day", 1_419_000.0, 1_421_000.0, "verified"),
        ],
        columns=["label", "low", "high", "mark"],
    ).assign(base=base)


@pytest.fixture
def texts() -> Callable[[Axes, str], list[str]]:
    """Texts of a kind (subtitle, notes, row, end, mark) in an axes."""

    def of_kind(ax: Axes, kind: str) -> list[str]:
        return [text.get_text() for text in ax.texts if text.get_gid() == kind]

    return of_kind


@pytest.fixture
def assert_legible() -> Callable[[Axes], None]:
    """Nothing reaches over the edge of the figure, and no two labels lie on each other."""

    def check(ax: Axes) -> None:
        figure = ax.figure
        figure.draw_without_rendering()
        renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
        inches = figure.get_tightbbox(renderer)
        width, height = figure.get_size_inches()  # type: ignore[union-attr]
        assert inches.x0 >= -0.01
        assert inches.y0 >= -0.01
        assert inches.x1 <= width + 0.01
        assert inches.y1 <= height + 0.01
        shown: list[Text] = [ax.title, ax.xaxis.label, ax.yaxis.label]
        shown += [text for text in ax.texts if text.get_gid() in ("subtitle", "notes", "row")]
        legend = ax.get_legend()
        shown += legend.get_texts() if legend else []
        for axis in (ax.xaxis, ax.yaxis):
            low, high = sorted(axis.get_view_interval())
            shown += [tick.label1 for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]
        boxes: list[tuple[str, Bbox]] = [
            (text.get_text(), text.get_window_extent(renderer)) for text in shown if text.get_text()
        ]
        for (one, a), (two, b) in combinations(boxes, 2):
            across = min(a.x1, b.x1) - max(a.x0, b.x0)
            down = min(a.y1, b.y1) - max(a.y0, b.y0)
            assert across <= 0.5 or down <= 0.5, f"{one!r} lies on {two!r}"

    return check
