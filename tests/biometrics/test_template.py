"""Templates are of length 1, bound to their model, and never shown."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.refusal import FaceReason, FaceRefusal
from biometrics.template import ModelMismatch, Template, mean_template, similarity

RNG = np.random.default_rng(7)


def a_template(vector=None, model_id="sface-2021dec", quality=80):
    raw = RNG.normal(size=128) if vector is None else vector
    return Template.of(np.asarray(raw, np.float32), model_id, quality)


def test_of_normalises():
    assert np.linalg.norm(a_template().vector) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("raw", [np.zeros(128), np.full(128, np.nan), np.full(128, np.inf)])
def test_of_refuses_a_vector_without_direction(raw):
    with pytest.raises(ValueError, match="finite"):
        a_template(raw)


def test_bytes_round_trip():
    one = a_template(quality=33)
    again = Template.from_bytes(one.to_bytes())
    assert (again.model_id, again.quality) == (one.model_id, 33)
    assert np.array_equal(again.vector, one.vector)
    assert again.vector.flags.writeable


@given(st.binary(max_size=40))
def test_other_bytes_are_no_template(data):
    with pytest.raises(ValueError, match=r"template|vector"):
        Template.from_bytes(data)


def test_altered_bytes_are_no_template():
    data = bytearray(a_template().to_bytes())
    data[-1] ^= 0x40
    with pytest.raises(ValueError, match="length 1"):
        Template.from_bytes(bytes(data))
    with pytest.raises(ValueError, match="format"):
        Template.from_bytes(bytes(data[:-1]))


def test_repr_hides_the_vector():
    one = a_template()
    assert repr(one) == "Template(model_id='sface-2021dec', quality=80)"
    assert str(one.vector[0])[:5] not in repr(one)


def test_similarity_refuses_two_models():
    with pytest.raises(ModelMismatch):
        similarity(a_template(), a_template(model_id="dlib-resnet-v1"))


def test_mean_lies_between_and_is_normalised():
    one = a_template()
    other = a_template(one.vector + 0.05 * RNG.normal(size=128), quality=60)
    mean = mean_template([one, other], same_person_min=0.36)
    assert np.linalg.norm(mean.vector) == pytest.approx(1, abs=1e-6)
    assert similarity(mean, one) >= similarity(one, other)
    assert mean.quality == 70


def test_mean_of_one_is_itself():
    one = a_template()
    assert similarity(mean_template([one], same_person_min=0.36), one) == pytest.approx(1)


def test_two_people_are_not_averaged():
    answer = mean_template([a_template(), a_template()], same_person_min=0.36)
    assert isinstance(answer, FaceRefusal)
    assert answer.reason is FaceReason.NOT_SAME_PERSON


def test_mean_of_none_and_of_two_models_are_faults():
    with pytest.raises(ValueError, match="no templates"):
        mean_template([], same_person_min=0.36)
    one = a_template()
    with pytest.raises(ModelMismatch):
        mean_template([one, a_template(one.vector, "dlib-resnet-v1")], same_person_min=0.36)
