"""Run the command line with ``python -m communitybudget``."""

from communitybudget.cli import main

main()
