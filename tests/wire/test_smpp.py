"""Our numbers of SMPP 3.4 are those of another's table."""

import pytest
import smpp34

from pos_engine.wire import smpp

OURS = [name for name in vars(smpp) if name.startswith(("ESME_", "TLV_")) and hasattr(smpp34, name)]


@pytest.mark.parametrize("name", OURS)
def test_a_number_is_the_standards(name):
    assert getattr(smpp, name) == int(getattr(smpp34, name))
