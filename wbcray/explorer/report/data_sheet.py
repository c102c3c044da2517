"""What the audit found as a page of its own, for looking at before any run."""

from importlib import resources
from pathlib import Path

from wbcray.explorer.reading.data_facts import AuditFacts
from wbcray.explorer.report.data_panels import audit_html
from wbcray.explorer.report.markup import text
from wbcray.explorer.report.page_file import write_page

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def write_sheet(audit: AuditFacts, out: Path, *, title: str) -> None:
    """Write one HTML file that needs no network and no other file.

    Raises:
        ResourceError: If `out` cannot be written.
    """
    style = (resources.files("wbcray.explorer.report") / "assets" / "report.css").read_text("utf-8")
    write_page(
        out,
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{text(title)}: wbcray data check</title><style>{style}</style></head>"
        f'<body><div class="frame single"><main><h1>{text(title)}</h1>'
        f'<section id="audit">{audit_html(audit)}</section></main></div></body></html>',
    )
