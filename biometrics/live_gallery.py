"""What an index must do that follows the template log: enrol and revoke by sequence number."""

from typing import Protocol

from biometrics.gallery import Gallery, GalleryEntry
from biometrics.replay import Replayed
from biometrics.scopes import Places


class LiveGallery(Gallery, Protocol):
    """A `Gallery` that changes. One writer at a time, any number of readers, no clock, no SQL.

    Numbers start after `sequence` and have no holes; a change is in force for every search that
    begins after the call returned. The stored templates stay the truth: drop and rebuild at will.
    """

    @property
    def sequence(self) -> int:
        """The newest change that is in force."""
        ...

    def enrol(self, entry: GalleryEntry, places: Places, sequence: int) -> Replayed:
        """Add a template; an id that is here already is replaced (a move, a new shop).

        Raises ValueError for a vector that is not of length 1: nothing is applied then.
        """
        ...

    def revoke(self, template_id: str, sequence: int) -> Replayed:
        """Take a template out for good: its id is a tombstone."""
        ...
