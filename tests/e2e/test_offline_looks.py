"""Each screen without signal at four widths in three themes, with axe: one tablet, one walk."""

# ruff: noqa: F811 - fixtures of the other offline tests

import time

import pytest

from tests.e2e.test_layout import FAULTS, Eye, barriers
from tests.e2e.test_offline import (  # noqa: F401
    engine,
    families,
    family,
    island,
    tablet,
)
from tests.e2e.test_offline_turns import _look_at_a_sale, _look_at_setting_aside
from tests.e2e.test_shell import SIZES

pytestmark = [pytest.mark.e2e, pytest.mark.proof]

THEMES = ("biasa", "terik", "malam")
WEAR = "theme => { document.documentElement.dataset.theme = theme; }"


class Everywhere(Eye):
    """Looks at a screen in every theme at every width; with axe once in each theme.

    The width for axe goes round, so that each width meets each theme on some screens.
    """

    def look(self, name):
        page, whole = self.till.page, self.till.page.viewport_size
        widths = list(SIZES)
        for place, theme in enumerate(THEMES):
            page.evaluate(WEAR, theme)
            for width, (wide, high) in SIZES.items():
                page.set_viewport_size({"width": wide, "height": high})
                self.width = f"{theme}-{width}"
                self.photograph(name)
                faults = list(page.evaluate(FAULTS))
                if width == widths[(self.screens + place) % len(widths)]:
                    faults += barriers(page)
                    self.by_axe += 1
                self.faults += [f"{name} {theme} {width}: {fault}" for fault in faults]
        page.evaluate(WEAR, THEMES[0])
        page.set_viewport_size(whole)
        self.screens += 1

    def __init__(self, till):
        super().__init__(till, "")
        self.screens, self.by_axe = 0, 0


def test_every_screen_without_signal_at_every_width_in_every_theme(tablet, engine, family):
    sticker, pin = engine.sticker(family["kpm_id"]), family["pin"]
    tablet.enrol(family["shop_id"])
    eye = Everywhere(tablet.till)
    began = time.monotonic()
    _look_at_setting_aside(eye, sticker, pin)
    engine.kill()
    tablet.expect_away()
    _look_at_a_sale(eye, tablet, sticker, pin)
    seconds = time.monotonic() - began
    looks = eye.screens * len(THEMES) * len(SIZES)
    print(  # noqa: T201 - the proof's line
        f"{eye.screens} screens, {looks} looks, {eye.by_axe} by axe: "
        f"{len(eye.faults)} faults, {seconds:.0f} s"
    )
    assert eye.faults == []
