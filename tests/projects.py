"""Projects for tests, written as a user would write them."""

import yaml

from wbcray.core.project import load_project


def project_of(folder, domains, classes, **more):
    """The project of `wbcray.yaml` in `folder`, written anew.

    `domains` maps each name to a path, or to all keys of its entry; `more` are further sections.
    """
    entries = {
        name: entry if isinstance(entry, dict) else {"path": str(entry)}
        for name, entry in domains.items()
    }
    wanted = classes if isinstance(classes, str) else list(classes)
    path = folder / "wbcray.yaml"
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump({"classes": wanted, "domains": entries, **more}))
    return load_project(path)
