"""Commit protocols with a mistake in each, to see that the checks find it.

Each is the real store with one function exchanged, by pytest's monkeypatch.
"""

import os

from operations import CellKept, CellTakenUpAgain, LateBeforeResult, NewRecord, SecondRecord

from wbcray.core.errors import StoreError
from wbcray.store import attempts, commit, disk, leases
from wbcray.store.cell import KIND, SEALED_KIND, to_json


def written_in_place(patch):
    """The record is written under its final name."""

    def put(path, data, place):
        if path.exists() and place is commit._place:
            return False
        with commit._explained(path):
            commit._make_folders(path.parent)
            disk.remove(path)
            commit._write_through(path, data)
            disk.flush_folder(path.parent)
        return True

    patch.setattr(commit, "_put", put)


def acknowledged_whatever_happens(patch):
    """A disk that refuses is not noticed."""
    real = commit._put

    def put(*arguments):
        try:
            return real(*arguments)
        except Exception:  # noqa: BLE001  # the mistake
            return True

    patch.setattr(commit, "_put", put)


def renamed_over_an_existing_record(patch):
    """The last one wins, not the first."""
    patch.setattr(commit, "_place", commit._put_in_place)


def one_name_for_all_unfinished_files(patch):
    """What a killed process left stands in the way of the next."""
    real = disk.create
    patch.setattr(disk, "create", lambda path: real(path.with_name("unfinished")))
    for name in ("link", "rename"):
        move = getattr(disk, name)
        patch.setattr(disk, name, lambda one, two, move=move: move(_same(one), two))
    remove = disk.remove
    patch.setattr(disk, "remove", lambda path: remove(_same(path)))


def record_removed_in_cleaning_up(patch):
    """After an error the record goes instead of the unfinished file."""
    real = commit._put

    def put(path, *rest):
        try:
            return real(path, *rest)
        except Exception:
            path.unlink(missing_ok=True)
            raise

    patch.setattr(commit, "_put", put)


def sealed_half_after_the_record(patch):
    """A result can be there without its held-out counts."""

    def keep(self, config, result, circumstances):
        payload = to_json(self.key, config, result, circumstances, self.history)
        slot = self._attempts.slot(self.number)
        accepted = commit.commit(slot, KIND, payload)
        sealed = {"counts": leases._revealed(result)}
        commit.commit(self._sealed / slot.name, SEALED_KIND, sealed)
        return accepted

    patch.setattr(leases.Lease, "keep", keep)


def fenced_without_a_slot(patch):
    """A lost attempt is only noted elsewhere, so its late result finds its slot free."""
    patch.setattr(attempts.Attempts, "end", lambda *_: True)


def unreadable_taken_for_absent(patch):
    """A disk that refuses to read makes a cell look untrained."""
    real = commit._bytes_of

    def bytes_of(path):
        try:
            return real(path)
        except Exception as error:
            raise StoreError("absent") from error

    patch.setattr(commit, "_bytes_of", bytes_of)


def contents_never_flushed(patch):
    """The record has its name before its contents are on the disk."""
    patch.setattr(disk, "flush", lambda _: None)


def contents_flushed_after_naming(patch):
    """The same, though everything is flushed in the end."""
    real = disk.link

    def link(unfinished, final):
        done = real(unfinished, final)
        handle = os.open(final, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)
        return done

    patch.setattr(disk, "flush", lambda _: None)
    patch.setattr(disk, "link", link)


def folder_never_flushed(patch):
    """An acknowledged record may lose its name."""
    patch.setattr(disk, "flush_folder", lambda _: None)


def new_folders_not_flushed(patch):
    """An acknowledged record may lose the folder that it lies in."""

    def make(folder):
        folder.mkdir(parents=True, exist_ok=True)

    patch.setattr(commit, "_make_folders", make)


UNDER_KILLS = {
    written_in_place: NewRecord(),
    acknowledged_whatever_happens: NewRecord(),
    renamed_over_an_existing_record: SecondRecord(),
    one_name_for_all_unfinished_files: NewRecord(),
    record_removed_in_cleaning_up: SecondRecord(),
    sealed_half_after_the_record: CellKept(),
    fenced_without_a_slot: LateBeforeResult(),
    unreadable_taken_for_absent: CellTakenUpAgain(),
}
"""Mistakes that kills and failing disks bring to light, with the operation that shows each."""

WITHOUT_POWER = (
    contents_never_flushed,
    contents_flushed_after_naming,
    folder_never_flushed,
    new_folders_not_flushed,
)
"""Mistakes that only a loss of power brings to light."""


def _same(path):
    return path.with_name("unfinished") if path.name.startswith(".") else path
