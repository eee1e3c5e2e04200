"""The page to try the service: a few static files, nothing from elsewhere."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from starlette.responses import FileResponse
from starlette.staticfiles import StaticFiles

CONSOLE = Path(__file__).parent / "console"


def add_page(api: FastAPI) -> None:
    """Put the page at ``/`` and its files below ``/console``."""

    @api.get("/", include_in_schema=False)
    async def index() -> FileResponse:
        return FileResponse(CONSOLE / "index.html", headers={"Cache-Control": "no-cache"})

    api.mount("/console", StaticFiles(directory=CONSOLE), name="console")
