"""Words in three languages, sounds and pictures: complete, and none left over."""

import json
import re

import pytest
from PIL import Image

from pos_engine.rules.reasons import Reason
from warung_client import ASSETS

LANGUAGES = ("id", "jv", "su")
SOUNDS = {"refused", "recorded"}
SOUNDS_BYTES_MAX = 150 * 1024
NUMBERS_BYTES_MAX = 64 * 1024
SENTENCE_MAX = 130  # letters: two lines on a small tablet
SCRIPTS = "\n".join(
    path.read_text(encoding="utf-8") for path in ASSETS.rglob("*.js") if "vendor" not in path.parts
)


def words(language):
    return json.loads((ASSETS / "words" / f"{language}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", Reason)
def test_each_reason_has_text_sound_and_next_step(language, reason):
    said = words(language)["reasons"][reason]
    assert said["sound"] in SOUNDS
    assert 5 < len(said["text"]) <= SENTENCE_MAX
    assert 5 < len(said["next"]) <= SENTENCE_MAX
    assert "ditolak" not in (said["text"] + said["next"]).lower()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_reason_is_left_over(language):
    assert set(words(language)["reasons"]) == {reason.value for reason in Reason}


def test_javanese_and_sundanese_know_the_same_sentences():
    assert set(words("jv")["sentences"]) == set(words("su")["sentences"])
    for language in ("jv", "su"):
        assert all(said.strip() for said in words(language)["sentences"].values())


def test_each_sentence_that_is_put_into_words_is_still_said_by_the_till():
    gone = [
        sentence
        for sentence in words("jv")["sentences"]
        if not all(part.strip() in SCRIPTS for part in sentence.split("{}"))
    ]
    assert gone == []


def test_a_clip_for_every_number_and_word_within_the_budget():
    named = re.findall(r"'([a-z-]+)'", SCRIPTS.partition("const DIGITS = [")[2].partition("];")[0])
    listed = re.findall(
        r"'([a-z-]+)'", SCRIPTS.partition("NUMBER_CLIPS = [")[2].partition("/** 1 to 999.")[0]
    )
    files = {path.stem: path.stat().st_size for path in (ASSETS / "sounds").glob("*.opus")}
    numbers = [*named, *listed]
    assert len(numbers) == 27
    assert set(numbers) <= set(files)
    assert sum(files[name] for name in numbers) <= NUMBERS_BYTES_MAX
    assert sum(files.values()) <= SOUNDS_BYTES_MAX


def test_the_till_can_be_installed():
    manifest = json.loads((ASSETS / "manifest.webmanifest").read_text(encoding="utf-8"))
    assert manifest["display"] == "standalone"
    assert manifest["start_url"] == manifest["scope"] == "./"
    for icon in manifest["icons"]:
        with Image.open(ASSETS / icon["src"]) as picture:
            assert icon["sizes"] == f"{picture.width}x{picture.height}"
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in manifest["icons"]}


def test_letters_grow_with_the_one_who_reads():
    """A size in pixels would stay small at 200 %; paper alone is measured in points."""
    fixed = [
        f"{path.name}: {found}"
        for path in ASSETS.glob("*.css")
        for found in re.findall(r"font(?:-size)?:[^;}]*\d+px", path.read_text(encoding="utf-8"))
    ]
    assert fixed == []
