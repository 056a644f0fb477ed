"""The command that rolls places up to a total."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from communitybudget._core.digits import percent, pounds
from communitybudget._core.writing import refuse_a_file
from communitybudget.cli.result_files import frame_csv, write_result

if TYPE_CHECKING:
    from communitybudget.appraisal import RollUp
    from communitybudget.case import RollUpPlan

RollUpPath = Annotated[Path, typer.Argument(help="The roll-up file.", show_default=False)]
Out = Annotated[Path | None, typer.Option("--out", help="Folder to write tables and the chart to.")]
Draws = Annotated[int, typer.Option("--draws", min=1, max=1_000_000, help="Draws of what is not known.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same bytes.")]


def roll_up(file: RollUpPath, out: Out = None, draws: Draws = 10_000, seed: Seed = 1) -> None:
    """Add what several places claim to a total and to the nation, every basis said."""
    from communitybudget.case import load_roll_up

    plan = load_roll_up(file)
    refuse_a_file(out)
    rolled = plan.roll_up(draws, seed)
    text = "\n\n".join([plan.title, rolled.summary(), *_readings(plan), *_top_down(plan)])
    typer.echo(text)
    if out is not None:
        _write(plan, rolled, text, out)
        typer.echo(f"Wrote roll_up.csv, readings.csv, roll_up.png and roll_up.txt to {out}")


def _readings(plan: "RollUpPlan") -> list[str]:
    if not any(place.other_readings for place in plan.spec.places):
        return []
    lines = ["What was printed can be read otherwise: all places, then the nation"]
    for row in plan.readings().to_dict("records"):
        where = f"{row['place']}: " if row["place"] else ""
        nation = "" if plan.spec.nation is None else f", {_millions(row['nation'])}"
        lines.append(f"  {where}{row['read_as']}: {_millions(row['total'])}{nation}")
    return ["\n".join(lines)]


def _top_down(plan: "RollUpPlan") -> list[str]:
    found = []
    for part, (label, implied) in zip(plan.spec.top_down, plan.top_down().items(), strict=True):
        lines = [f"{label}: the printed figures imply a cost of {implied.words}"]
        for pair, share in zip(part.pairs, implied.break_even_shares, strict=True):
            told = f"£{pair.ratio} for each £1 and {pair.net} net"
            lines.append(f"  {pair.label}, {told}: {percent(share, 1)} of it must be real to repay the cost")
        found.append("\n".join(lines))
    return found


def _millions(amount: float) -> str:
    return f"{pounds(amount / 1e6)}m"


def _write(plan: "RollUpPlan", rolled: "RollUp", text: str, out: Path) -> None:
    from communitybudget.charts import figure_bytes

    files = {
        "roll_up.csv": frame_csv(rolled.to_frame()),
        "readings.csv": frame_csv(plan.readings()),
        "roll_up.png": figure_bytes(rolled.plot().figure, "png"),
        "roll_up.txt": f"{text}\n".encode(),
    }
    write_result(out, files, {"title": plan.title, "draws": rolled.total.size, "seed": rolled.seed})
