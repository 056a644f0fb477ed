"""The report folder: one page, charts, tables and a manifest; whole or not at all."""

import platform
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pandas as pd

from communitybudget._core.writing import MANIFEST, csv_bytes, digest, json_bytes, write_together
from communitybudget.case import Appraisal
from communitybudget.reporting.agreement import agreement_context, deal_of, section_context
from communitybudget.reporting.figures import CHARTS, Chart, option_charts
from communitybudget.reporting.page import page_context
from communitybudget.reporting.sureness import Sureness, sureness_of

Step = Callable[[int, int], None]


def report(result: Appraisal, out: str | Path, progress: Step | None = None) -> Path:
    """Write the report folder of an appraisal.

    Parameters
    ----------
    result : Appraisal
        What is reported.
    out : str or Path
        Folder; made if it is not there. Files of an earlier report are replaced, others left alone.
    progress : callable, optional
        Called with steps done and steps in all.

    Returns
    -------
    Path
        Of ``report.html``.

    Raises
    ------
    OutputError
        If the folder cannot be written; what was there before is untouched.
    """
    folder = Path(out)
    write_together(folder, report_files(result, progress))
    return folder / "report.html"


def report_files(result: Appraisal, progress: Step | None = None) -> dict[str, bytes]:
    """Return every file of the report by name; the same appraisal gives the same bytes.

    Parameters
    ----------
    result : Appraisal
        What is reported.
    progress : callable, optional
        Called with steps done and steps in all.

    Returns
    -------
    dict of str to bytes
        ``report.html``, ``ledger.csv``, ``summary.csv``, ``by_year.csv``, ``switchboard.csv``,
        ``assumptions.csv``, ``manifest.json``, ``charts/*.svg`` and ``*.png``; ``decision.csv``,
        ``one_way.csv``, ``information.csv`` and ``data_sharing.csv`` where there are draws enough;
        ``cashability.csv`` and
        ``financial_plan.csv`` where lines are assessed for cash, ``reconciliation.csv`` where the case
        gives outturn, ``waiting.csv`` where families can wait for a place; ``agreement.html``,
        ``agreement.csv``, ``agreement_by_year.csv`` and ``pooled_fund.csv`` where the case has an agreement.
    """
    steps = len(result.options) * (len(CHARTS) + 1) + 2
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(min(done, steps), steps)

    charts: dict[str, list[Chart]] = {}
    switching: dict[str, pd.DataFrame] = {}
    enough = result.draws > 3 * len(result.inputs)
    for option in result.options:
        charts[option] = []
        for chart in option_charts(result, option):
            charts[option].append(chart)
            step()
        switching[option] = result.switching_values(option) if enough else pd.DataFrame()
        step()
    sureness = sureness_of(result, switching) if enough else None
    step()
    deal = deal_of(result)
    context = page_context(result, charts, switching, sureness)
    files = {"report.html": _page("report.html.j2", context | {"deal": section_context(deal)})}
    if deal is not None:
        files["agreement.html"] = _page("agreement.html.j2", agreement_context(result, deal))
    for name, frame in (_tables(result, sureness) | (deal.tables() if deal else {})).items():
        files[name] = csv_bytes(list(frame.columns), frame.itertuples(index=False, name=None))
    asked = [question.chart for question in sureness.questions] if sureness else []
    for chart in (*(c for option in charts.values() for c in option), *asked):
        files[f"charts/{chart.name}.svg"] = chart.svg
        files[f"charts/{chart.name}.png"] = chart.png
    for drawing in deal.charts if deal else ():
        files[f"charts/{drawing.name}.svg"] = drawing.svg
    files[MANIFEST] = json_bytes(_manifest(result, files))
    step()
    return files


def _tables(result: Appraisal, sureness: Sureness | None) -> dict[str, pd.DataFrame]:
    """Return the tables of the folder by file name; those that a case gives no cause for are left out."""
    found = {
        "ledger.csv": result.ledger.to_frame(),
        "summary.csv": result.to_frame(),
        "by_year.csv": result.by_year(),
        "switchboard.csv": pd.concat([result.switchboard(option) for option in result.options]),
        "assumptions.csv": result.assumptions(),
    }
    if sureness is not None:
        found["decision.csv"] = sureness.decision.to_frame()
        bars = sureness.one_way.to_frame()
        bars.insert(0, "option", sureness.looked_at)
        found["one_way.csv"] = bars
        found["information.csv"] = sureness.information()
        found["data_sharing.csv"] = sureness.by_holder.to_frame()
    if result.cash.rules:
        found["cashability.csv"] = result.cash.to_frame(result.cash_with_chance)
        found["financial_plan.csv"] = result.financial_plan()
    if result.budget:
        found["reconciliation.csv"] = result.reconciliation()
    if len(waiting := result.waiting()):
        found["waiting.csv"] = waiting
    return found


def _page(name: str, context: Mapping[str, Any]) -> bytes:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("communitybudget.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    page = environment.get_template(name).render(context)
    # a word joiner, so that no line ends between the minus sign and its amount
    return page.replace("−£", "−\u2060£").encode("utf-8")


def _manifest(result: Appraisal, files: dict[str, bytes]) -> dict[str, object]:
    libraries = ("communitybudget", "numpy", "scipy", "pandas", "matplotlib", "pydantic", "Jinja2")
    return {
        "title": result.title,
        "versions": {"python": platform.python_version(), **{name: _version(name) for name in libraries}},
        "inputs": {
            "case_as_read_sha256": digest(result.case_text.encode("utf-8")),
            "parameter_set": result.set_version,
            "parameter_set_sha256": result.set_digest,
        },
        "draws": result.draws,
        "seed": result.seed,
        "price_base": result.price_base,
        "discounting": result.schedule,
        "options": list(result.options),
        "outputs": {name: digest(content) for name, content in sorted(files.items())},
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
