"""The command line, ``souffleur``: one file a family of commands; each imports what it needs when it runs."""

from __future__ import annotations

import sys


def main() -> None:
    """Entry point of the ``souffleur`` script."""
    from evals.cli.app import run

    sys.exit(run(sys.argv[1:]))
