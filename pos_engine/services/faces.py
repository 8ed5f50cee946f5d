"""Pictures to one template, templates to the database and back."""

from dataclasses import dataclass

from biometrics.gallery import ExactGallery, GalleryEntry, Scope
from biometrics.refusal import FaceReason, FaceRefusal
from biometrics.template import Template, mean_template
from pos_engine.engine import Engine
from pos_engine.keys import Keys
from pos_engine.rules.reasons import Reason
from pos_engine.store.database import UnavailableError
from pos_engine.store.templates import SealedTemplate


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
    FaceReason.NOT_SAME_PERSON: "Pastikan hanya satu orang yang difoto.",
    FaceReason.TOO_LARGE: "Gambar terlalu besar.",
    FaceReason.UNSUPPORTED_FORMAT: "Gambar harus JPEG, PNG, atau WebP.",
    FaceReason.NOT_AN_IMAGE: "Berkas itu bukan gambar.",
    FaceReason.DAMAGED: "Gambar rusak di jalan. Ambil ulang.",
    FaceReason.WORKER_FAILED: "Mesin wajah sedang dipulihkan. Coba sebentar lagi.",
}


def one_template(engine: Engine, images: list[bytes]) -> Template | Unreadable:
    """Average several pictures of one person; any picture that fails stops with its reason.

    Raises `UnavailableError` when every worker is taken: the same request works later.
    """
    if engine.faces is None:
        return Unreadable(Reason.FACE_NOT_DETECTED, "Pengenalan wajah dimatikan.", "faces are off")
    templates = []
    for result in engine.faces.embed_many(images):
        if isinstance(result, FaceRefusal):
            if result.reason is FaceReason.BUSY:
                raise UnavailableError  # our queue is full: nobody's face failed
            return _unreadable(result)
        templates.append(result.template)
    merged = mean_template(templates, same_person_min=engine.thresholds.same_person_min)
    return _unreadable(merged) if isinstance(merged, FaceRefusal) else merged


def _unreadable(refusal: FaceRefusal) -> Unreadable:
    seen = refusal.reason is not FaceReason.NO_FACE
    reason = Reason.FACE_QUALITY if seen else Reason.FACE_NOT_DETECTED
    return Unreadable(reason, HINTS[refusal.reason], f"{refusal.reason}: {refusal.detail}")


def bound_to(person_id: str, model_id: str, version: int) -> str:
    """What a sealed template is bound to: it opens for nothing else."""
    return f"{person_id}|{model_id}|{version}"


def open_gallery(
    keys: Keys, rows: list[SealedTemplate], model_id: str, scope: Scope
) -> ExactGallery:
    """Decrypt the templates of a scope into a small exact gallery for one request."""
    entries = [
        GalleryEntry(
            template_id=row.template_id,
            person_id=row.person_id,
            family_id=row.kpm_id,
            vector=_opened(keys, row).vector,
        )
        for row in rows
    ]
    return ExactGallery(model_id, scope, entries)


def _opened(keys: Keys, row: SealedTemplate) -> Template:
    bound = bound_to(row.person_id, row.model_id, row.version)
    return Template.from_bytes(keys.open_template(row.sealed, bound))
