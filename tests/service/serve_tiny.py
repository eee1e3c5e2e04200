"""Serves the small bundle of a home with the assistant of the tests: ``python serve_tiny.py HOME PORT``."""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":
    from tiny import TinyAssistant

    from pipelines.errors import SouffleurError
    from pipelines.settings import load_settings
    from service.launch import serve
    from service.runtime import Runtime

    settings = load_settings(home=Path(sys.argv[1]))
    try:
        serve(settings, port=int(sys.argv[2]), runtime=Runtime(settings, loader=TinyAssistant))
    except SouffleurError as error:
        sys.exit(f"{type(error).__name__}: {error}")
