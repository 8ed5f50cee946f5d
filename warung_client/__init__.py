"""The cashier's till: a static web app the engine serves at `/till/`."""

from pathlib import Path

ASSETS: Path = Path(__file__).parent / "static"
