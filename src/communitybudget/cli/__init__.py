"""The command line."""

from communitybudget.cli.app import main

__all__ = ["main"]
