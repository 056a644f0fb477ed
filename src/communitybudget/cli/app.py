"""The commands: a case file in; runs, checks and reports out."""

import sys
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from communitybudget._core.errors import CommunityBudgetError, OutputError, ParameterError
from communitybudget._core.writing import refuse_a_file
from communitybudget.cli.bridge_files import write_bridge
from communitybudget.cli.parameters import parameters_app
from communitybudget.cli.progress import progress
from communitybudget.cli.roll_up import roll_up

if TYPE_CHECKING:
    from communitybudget.case import Appraisal, Case

app = typer.Typer(
    help="Cost-benefit modelling for multi-agency family programmes.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(parameters_app, name="parameters")

DEFAULT_DRAWS = 10_000
DEFAULT_SEED = 1
_STOPPED = 130

CasePath = Annotated[Path, typer.Argument(help="The case file.", show_default=False)]
Out = Annotated[Path, typer.Option("--out", help="Folder to write to.")]
Draws = Annotated[int, typer.Option("--draws", min=1, max=100_000, help="Sets of parameter values.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same bytes.")]


def main() -> None:
    """Run the command line; a user's mistake ends in a message and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        app()
    except CommunityBudgetError as fault:
        _fail(str(fault))
    except FileNotFoundError as fault:
        _fail(f"there is no file '{fault.filename}'; check the path")
    except IsADirectoryError as fault:
        _fail(f"'{fault.filename}' is a folder; name the case file in it")
    except PermissionError as fault:
        _fail(f"'{fault.filename}' may not be read; check its permissions")
    except MemoryError:
        _fail("there is not enough memory for this; use fewer --draws, years or options")
    except (KeyboardInterrupt, SystemExit) as stop:
        if isinstance(stop, KeyboardInterrupt) or stop.code == _STOPPED:
            typer.echo("stopped; what was there before is untouched", err=True)
            raise SystemExit(_STOPPED) from stop
        raise


def _fail(message: str) -> None:
    typer.echo(message, err=True)
    raise SystemExit(2)


@app.command()
def run(case: CasePath, out: Out, draws: Draws = DEFAULT_DRAWS, seed: Seed = DEFAULT_SEED) -> None:
    """Appraise a case and write the business case."""
    _run(case, out, draws, seed)


@app.command()
def demo(out: Out = Path("demo"), draws: Draws = DEFAULT_DRAWS, seed: Seed = DEFAULT_SEED) -> None:
    """Run the bundled Hounslow example on published figures."""
    from communitybudget.parameters import examples_folder

    _run(examples_folder() / "hounslow" / "case.yaml", out, draws, seed)


def _run(case: Path, out: Path, draws: int, seed: int) -> None:
    from communitybudget.case import appraise, load_case
    from communitybudget.case.model import prepare
    from communitybudget.case.terms import check_terms
    from communitybudget.reporting import report

    loaded = load_case(case)
    refuse_a_file(out)
    check_terms(prepare(loaded))
    result = appraise(loaded, draws=draws, seed=seed, progress=progress("Simulating"))
    page = report(result, out, progress=progress("Writing the report"))
    typer.echo(result.summary())
    for text in result.model.unused_overrides():
        typer.echo(text)
    typer.echo(f"The report is at {page}")


@app.command()
def why(
    old: Annotated[Path, typer.Argument(help="A case file, or a result as JSON.", show_default=False)],
    new: Annotated[Path, typer.Argument(help="A case file, or a result as JSON.", show_default=False)],
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the table and the chart.")] = None,
    option: Annotated[str, typer.Option("--option", help="The first of OLD unless named.")] = "",
    agency: Annotated[str, typer.Option("--agency", help="Whose answer.")] = "all",
    value: Annotated[str, typer.Option("--value", help="fiscal or public_value.")] = "fiscal",
    draws: Draws = DEFAULT_DRAWS,
    seed: Seed = DEFAULT_SEED,
) -> None:
    """Say why the answer changed from OLD to NEW, step by step; a stored result keeps its draws and seed."""
    from communitybudget.case import Case, appraise, compare

    if value not in ("fiscal", "public_value"):
        raise ParameterError(f"--value is '{value}'; use fiscal or public_value")
    refuse_a_file(out)
    before, after = (
        appraise(given, draws=draws, seed=seed, progress=progress(f"Simulating {path.name}"))
        if isinstance(given, Case)
        else given
        for path, given in zip((old, new), _cases_or_results(old, new), strict=True)
    )
    bridge = compare(before, after, option or None, agency, value, progress=progress("Comparing"))
    if out is not None:
        write_bridge(bridge, out)
    typer.echo(bridge.summary())
    if out is not None:
        typer.echo(f"The table and the chart are in {out}")


def _cases_or_results(*paths: Path) -> "list[Case | Appraisal]":
    """Return what files hold, with the faults of all of them at once."""
    found, faults = [], []
    for path in paths:
        try:
            found.append(_case_or_result(path))
        except CommunityBudgetError as fault:
            faults.append(f"In {path}:\n{fault}")
    if faults:
        raise CommunityBudgetError("\n".join(faults))
    return found


def _case_or_result(path: Path) -> "Case | Appraisal":
    from communitybudget.case import Appraisal, load_case

    if path.suffix.lower() != ".json":
        return load_case(path)
    try:
        return Appraisal.from_json(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as fault:
        raise ParameterError("this is no text in UTF-8; was it written by to_json?") from fault
    except ValueError as fault:
        raise ParameterError(str(fault)) from fault


@app.command()
def check(case: CasePath) -> None:
    """List every fault of a case file, or say that there is none."""
    from communitybudget.case import load_case
    from communitybudget.case.model import prepare
    from communitybudget.case.terms import check_terms

    loaded = load_case(case)
    model = prepare(loaded)
    check_terms(model)
    typer.echo(f"{case.name}: no faults. {loaded!r}, {len(model.inputs.used)} numbers in use")
    for text in model.unused_overrides():
        typer.echo(text)


@app.command()
def new(folder: Annotated[Path, typer.Argument(help="Folder for the new case.", show_default=False)]) -> None:
    """Write a commented starting case."""
    target = folder / "case.yaml"
    if target.exists():
        raise OutputError(f"'{target}' is there already; choose another folder, or move it away first")
    text = (files("communitybudget.cli") / "starter_case.yaml").read_text(encoding="utf-8")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="\n")
    except OSError as fault:
        raise OutputError(
            f"'{folder}' cannot be written ({fault.strerror}); choose another folder"
        ) from fault
    typer.echo(f"Wrote {target}. Next: communitybudget check {target}")


app.command("roll-up")(roll_up)
