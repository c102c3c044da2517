"""Ray's own folder in a run: a cache that is never restored from."""

import shutil

from wbcray.store.local_copy import folder_of
from wbcray.store.place import Place


def clear_ray_folder(run: Place, name: str | None = None) -> bool:
    """Remove what Ray wrote for one search or grid, or all of it; False if there was nothing.

    Its snapshots lag behind what was finished, and to restore them would be to unpickle them.
    """
    own = folder_of(run) / "ray"
    folder = own / name if name else own
    if not folder.exists():
        return False
    shutil.rmtree(folder, ignore_errors=True)
    return True
