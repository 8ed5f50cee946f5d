"""Draws the pictures of the installed till: `python -m warung_client.making.icons`."""

from pathlib import Path

from PIL import Image, ImageDraw

from warung_client import ASSETS

FOLDER = ASSETS / "icons"
BLUE, WHITE, AMBER = (18, 53, 91), (255, 255, 255), (255, 211, 77)
GRID = 24  # the drawing is the sign of icons/shop.svg: 24 by 24 units
FINE = 4  # drawn larger and made smaller, so that edges are smooth
WHOLE, SAFE = 0.86, 0.62  # a launcher cuts up to a fifth off each side of a maskable picture


def drawn(side: int, share: float, *, round_corners: bool) -> Image.Image:
    """A shop, as wide as `share` of the picture."""
    size = side * FINE
    picture = Image.new("RGBA", (size, size), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((0, 0, size - 1, size - 1), size // 6 if round_corners else 0, BLUE)
    unit = size * share / GRID
    shift = (size - unit * GRID) / 2

    def at(*points: float) -> list[float]:
        return [shift + unit * each for each in points]

    draw.rectangle(at(4, 10, 20, 21), WHITE)
    draw.rectangle(at(9.5, 14.5, 14.5, 21), BLUE)
    draw.polygon(at(5, 3.5, 19, 3.5, 22, 10, 2, 10), AMBER)
    for start in (2, 7, 12, 17):
        draw.pieslice(at(start, 7, start + 5, 13), 0, 180, AMBER if start in (2, 12) else WHITE)
    return picture.resize((side, side), Image.Resampling.LANCZOS)


def make(folder: Path) -> None:
    """Write the pictures that the manifest names."""
    for side in (192, 512):
        drawn(side, WHOLE * 0.8, round_corners=True).save(folder / f"app-{side}.png", optimize=True)
    drawn(512, SAFE, round_corners=False).save(folder / "app-maskable-512.png", optimize=True)


if __name__ == "__main__":
    make(FOLDER)
