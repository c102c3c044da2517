"""Chromium for tests: where it is, what it may reach, and what its absence means."""

import shutil
from contextlib import contextmanager
from pathlib import Path

from programs import absent

CHROMIUM = next(
    (p for p in ("/usr/bin/chromium", shutil.which("chromium")) if p and Path(p).exists()), None
)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]


def needed():
    """Where Chromium is; without it tests skip, and fail in CI."""
    if CHROMIUM is None:
        absent("NO CHROMIUM, so nobody looked at the pages: apt-get install chromium")
    return CHROMIUM


@contextmanager
def chromium():
    """A browser that reaches this machine alone; without one tests skip, and fail in CI."""
    program = needed()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()
