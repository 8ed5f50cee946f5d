"""No body of a provider breaks the reader: it is read, malformed or incomplete."""

import json

from hypothesis import given
from hypothesis import strategies as st

from pos_engine.web.snap import _read
from pos_engine.web.snap_bodies import CpmIn, NotifyIn
from pos_engine.wire import snap

NAMES = sorted({*NotifyIn.model_fields, *CpmIn.model_fields, "value", "currency", "kpmCode"})
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner),
    max_leaves=12,
)


@given(st.binary(max_size=200) | values.map(lambda value: json.dumps(value).encode()))
def test_no_body_breaks_the_reader(raw):
    for shape in (NotifyIn, CpmIn):
        read = _read(shape, raw)
        assert isinstance(read, shape) or read in (snap.MISSING, snap.MALFORMED)
