"""How far a long step is, on standard error."""

import sys
from collections.abc import Callable

import typer


def progress(words: str) -> Callable[[int, int], None]:
    """Return a callback that shows how far a long step is, on standard error."""
    live = sys.stderr.isatty()
    shown = -1

    def show(done: int, total: int) -> None:
        nonlocal shown
        step = int(20 * done / max(total, 1))
        if step == shown:
            return
        if live:
            end = "\n" if done >= total else ""
            typer.echo(f"\r{words} {5 * step:3d}%{end}", err=True, nl=False)
        elif step % 5 == 0 and step != 0:
            typer.echo(f"{words} {5 * step}%", err=True)
        shown = step

    return show
