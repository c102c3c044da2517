"""Ray's own folder in a run: a cache that is never restored from."""

import shutil
from pathlib import Path


def clear_ray_folder(run: Path, name: str | None = None) -> bool:
    """Remove what Ray wrote for one search or grid, or all of it; False if there was nothing.

    Its snapshots lag behind what was finished, and to restore them would be to unpickle them.
    """
    folder = run / "ray" / name if name else run / "ray"
    if not folder.exists():
        return False
    shutil.rmtree(folder, ignore_errors=True)
    return True
