"""Rates as ISO/IEC 30107-3 counts them: by species, the worst first, silence apart."""

import pytest

from biometrics.pad_report import Kind, pad_report

ATTACK, GENUINE = Kind.ATTACK, Kind.BONAFIDE


def rows(species, kind, accepted=0, refused=0, silent=0):
    counts = ((True, accepted), (False, refused), (None, silent))
    return [(species, kind, outcome) for outcome, count in counts for _ in range(count)]


def test_species_are_never_averaged_and_the_worst_leads():
    report = pad_report(rows("print", ATTACK, 0, 90) + rows("replay", ATTACK, 5, 5))
    assert [each.species for each in report.attacks] == ["print", "replay"]
    assert report.worst.species == "replay"
    assert report.worst.error.value == 0.5
    assert report.bonafide is None
    json = report.to_json()
    assert json["worst_species"] == "replay"
    assert json["APCER"]["print"]["value"] == 0
    assert json["BPCER"] is None
    assert json["certified"] is False
    assert json["note"] == "PAD not certified"


def test_no_attack_got_through_is_no_zero():
    (only,) = pad_report(rows("print", ATTACK, 0, 100)).attacks
    low, high = only.error.interval
    assert low == 0
    assert high == pytest.approx(3 / 100, rel=0.02)  # rule of three


def test_of_equals_the_one_tried_least_leads():
    report = pad_report(rows("mask", ATTACK, 0, 3) + rows("print", ATTACK, 0, 300))
    assert report.worst.species == "mask"


def test_silence_is_neither_error_nor_success():
    report = pad_report(rows("mask", ATTACK, 1, 1, 2) + rows("x", GENUINE, 6, 2, 4))
    (mask,) = report.attacks
    assert (mask.error.events, mask.error.trials) == (1, 2)
    assert (mask.no_response.events, mask.no_response.trials) == (2, 4)
    assert (report.bonafide.error.events, report.bonafide.error.trials) == (2, 8)
    assert report.bonafide.no_response.value == pytest.approx(4 / 12)
    low, high = report.bonafide.error.interval
    assert (low, high) == (pytest.approx(0.0319, abs=1e-3), pytest.approx(0.6509, abs=1e-3))


def test_a_species_that_never_answered_has_no_rate():
    report = pad_report(rows("mask", ATTACK, silent=3))
    assert report.worst is None
    json = report.to_json()
    assert json["worst_species"] is None
    assert json["APCER"]["mask"]["value"] is None
    assert json["APCER"]["mask"]["high"] == 1.0
    assert json["APNRR"]["mask"]["value"] == 1.0


def test_nothing_shown_and_a_misnamed_species():
    assert pad_report([]).attacks == ()
    with pytest.raises(ValueError, match="bonafide"):
        pad_report([("bonafide", ATTACK, True)])
