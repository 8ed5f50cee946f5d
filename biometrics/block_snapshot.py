"""A block gallery to and from a sealed snapshot, some thousand templates at a time."""

import json
from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Any, BinaryIO, Final

import numpy as np

from biometrics.block import INT8_ABOVE
from biometrics.block_gallery import BlockGallery
from biometrics.gallery import GalleryEntry
from biometrics.scopes import Enrolment, Places
from biometrics.snapshot import read_snapshot, write_snapshot
from biometrics.snapshot_header import SnapshotHeader, SnapshotReason, SnapshotRefused

INDEX: Final = "blocks"
_TEMPLATES_A_BLOCK: Final = 2_048  # about 1 MB of vectors and 0.5 MB of names


def save_gallery(gallery: BlockGallery, file: BinaryIO, key: bytes) -> None:
    """Write every living template; the gallery goes on meanwhile. See `write_snapshot`."""
    sequence, count, enrolments = gallery.snapshot()
    header = SnapshotHeader(INDEX, gallery.model_id, sequence, count, gallery.dimension)
    write_snapshot(file, key, header, _written(enrolments))


def load_gallery(
    file: BinaryIO,
    key: bytes,
    *,
    model_id: str,
    newest_sequence: int,
    int8_above: int = INT8_ABOVE,
) -> BlockGallery:
    """The gallery as it was at its sequence number; replay the newer changes next.

    Raises `SnapshotRefused`; the caller then builds from the stored templates.
    """
    header, blocks = read_snapshot(
        file, key, index=INDEX, model_id=model_id, newest_sequence=newest_sequence
    )
    try:
        gallery = BlockGallery(
            model_id,
            (one for block in blocks for one in _read(block, header.dimension)),
            sequence=header.sequence,
            int8_above=int8_above,
        )
    except (ValueError, TypeError) as error:  # sealed with our key, yet no templates: our fault
        raise SnapshotRefused(SnapshotReason.CORRUPT) from error
    if gallery.count != header.count:
        raise SnapshotRefused(SnapshotReason.CORRUPT)
    return gallery


def _written(enrolments: Iterator[Enrolment]) -> Iterator[bytes]:
    while some := list(islice(enrolments, _TEMPLATES_A_BLOCK)):
        names = json.dumps([_names(one) for one in some]).encode()
        vectors = np.stack([one.entry.vector for one in some]).astype("<f4")
        yield len(names).to_bytes(4, "little") + names + vectors.tobytes()


def _names(one: Enrolment) -> list[str | None]:
    entry, places = one.entry, one.places
    born = places.birth_date.isoformat() if places.birth_date else None
    area = [places.shop_id, places.village_id, places.kecamatan_id, born]
    return [entry.template_id, entry.person_id, entry.family_id, *area]


def _read(block: bytes, dimension: int) -> Iterator[Enrolment]:
    end = 4 + int.from_bytes(block[:4], "little")
    names: list[list[Any]] = json.loads(block[4:end])
    vectors = np.frombuffer(block, "<f4", offset=end).reshape(len(names), dimension)
    for row, vector in zip(names, vectors, strict=True):
        template, person, family, shop, village, kecamatan, born = row
        places = Places(shop, village, kecamatan, date.fromisoformat(born) if born else None)
        entry = GalleryEntry(template, person, family, vector.astype(np.float32))
        yield Enrolment(entry, places)
