"""Pictures to one template."""

from dataclasses import dataclass

from biometrics.challenge import Action
from biometrics.liveness import (
    LivenessReason,
    check_challenge,
    frontal_frames,
    usable_frames,
)
from biometrics.quality import Pose, QualityLimits
from biometrics.refusal import FaceReason, FaceRefusal
from biometrics.reply import Embedded
from biometrics.template import Template, mean_template
from pos_engine.engine import Engine
from pos_engine.rules.reasons import Reason
from pos_engine.store.database import UnavailableError


@dataclass(frozen=True, slots=True)
class Unreadable:
    """No template came out. `reason` for the answer, `hint` says how to take it better."""

    reason: Reason
    hint: str
    detail: str


HINTS = {
    FaceReason.NO_FACE: "Hadapkan wajah ke kamera.",
    FaceReason.TWO_FACES: "Hanya satu orang di depan kamera.",
    FaceReason.TOO_FAR: "Mendekat sedikit.",
    FaceReason.TOO_SMALL: "Mendekat sedikit.",
    FaceReason.CUT_OFF: "Geser supaya seluruh wajah terlihat.",
    FaceReason.NOT_UPRIGHT: "Tegakkan tablet dan kepala.",
    FaceReason.NOT_FRONTAL: "Lihat lurus ke kamera.",
    FaceReason.TOO_DARK: "Terlalu gelap. Cari tempat terang.",
    FaceReason.TOO_BRIGHT: "Terlalu silau. Hindari cahaya dari belakang.",
    FaceReason.BLURRED: "Gambar goyang. Tahan sebentar.",
    FaceReason.COVERED: "Wajah tertutup. Boleh pakai cara lain: kartu, HP, atau KTP.",
    FaceReason.NOT_SAME_PERSON: "Pastikan hanya satu orang yang difoto.",
    FaceReason.TOO_LARGE: "Gambar terlalu besar.",
    FaceReason.UNSUPPORTED_FORMAT: "Gambar harus JPEG, PNG, atau WebP.",
    FaceReason.NOT_AN_IMAGE: "Berkas itu bukan gambar.",
    FaceReason.DAMAGED: "Gambar rusak di jalan. Ambil ulang.",
    FaceReason.WORKER_FAILED: "Mesin wajah sedang dipulihkan. Coba sebentar lagi.",
}


FACES_OFF = Unreadable(Reason.FACE_NOT_DETECTED, "Pengenalan wajah dimatikan.", "faces are off")
FRONTAL_MAX = 3  # frames averaged into the probe of a challenge
_AGAIN = "Ulangi pelan-pelan, wajah tetap di dalam garis."
LIVE_HINTS = {
    LivenessReason.TOO_FEW_FRAMES: "Gerakan terlalu cepat. Ulangi pelan-pelan.",
    LivenessReason.TOO_MANY_FRAMES: _AGAIN,
    LivenessReason.NOT_SAME_PERSON: "Pastikan hanya satu orang yang difoto.",
    LivenessReason.REPEATED_FRAMES: "Kamera berhenti bergerak. Ulangi.",
    LivenessReason.JUMP: _AGAIN,
    LivenessReason.NOT_FRONTAL_FIRST: "Mulai dengan lihat lurus ke kamera.",
    LivenessReason.WRONG_ACTION: "Gerakan belum sesuai. Ikuti petunjuk di layar.",
    LivenessReason.NO_MOTION: "Gerakan belum terlihat. Ikuti petunjuk di layar.",
    LivenessReason.FLAT: "Gerakan kepala belum terlihat. Ikuti petunjuk di layar.",
}


def one_template(engine: Engine, images: list[bytes]) -> Template | Unreadable:
    """Average several pictures of one person; any picture that fails stops with its reason.

    Raises `UnavailableError` when every worker is taken: the same request works later.
    """
    answers = _embedded(engine, images, Pose.FRONTAL)
    if isinstance(answers, Unreadable):
        return answers
    refusal = next((each for each in answers if isinstance(each, FaceRefusal)), None)
    if refusal is not None:
        return _unreadable(refusal)
    return _merged(engine, [each for each in answers if isinstance(each, Embedded)])


def live_template(engine: Engine, images: list[bytes], action: Action) -> Template | Unreadable:
    """The template of somebody who moved as asked: of her frontal frames only.

    Raises `UnavailableError` when every worker is taken.
    """
    answers = _embedded(engine, images, Pose.FREE)
    if isinstance(answers, Unreadable):
        return answers
    frames = usable_frames(answers)
    if isinstance(frames, FaceRefusal):
        return _unreadable(frames)
    result = check_challenge(frames, action)
    frontal = frontal_frames(frames, QualityLimits())[:FRONTAL_MAX]
    if not result.passed or not frontal:
        reason = result.reason or LivenessReason.NOT_FRONTAL_FIRST
        return Unreadable(Reason.FACE_NOT_LIVE, LIVE_HINTS[reason], f"liveness: {reason}")
    return _merged(engine, frontal)


def _embedded(
    engine: Engine, images: list[bytes], pose: Pose
) -> list[Embedded | FaceRefusal] | Unreadable:
    if engine.faces is None:
        return FACES_OFF
    answers = engine.faces.embed_many(images, pose)
    busy = any(isinstance(each, FaceRefusal) and each.reason is FaceReason.BUSY for each in answers)
    if busy:
        raise UnavailableError  # our queue is full: nobody's face failed
    return answers


def _merged(engine: Engine, frames: list[Embedded]) -> Template | Unreadable:
    templates = [frame.template for frame in frames]
    merged = mean_template(templates, same_person_min=engine.thresholds.same_person_min)
    return _unreadable(merged) if isinstance(merged, FaceRefusal) else merged


def _unreadable(refusal: FaceRefusal) -> Unreadable:
    seen = refusal.reason is not FaceReason.NO_FACE
    reason = Reason.FACE_QUALITY if seen else Reason.FACE_NOT_DETECTED
    return Unreadable(reason, HINTS[refusal.reason], f"{refusal.reason}: {refusal.detail}")
