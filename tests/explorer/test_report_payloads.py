"""Names made to run scripts, in a report in a real browser: none runs, nothing is asked for."""

import html
from dataclasses import replace

import pytest
from chromium import chromium

from wbcray.explorer.reading.data_facts import AuditFacts, OverviewFacts
from wbcray.explorer.report.writing import write_report

PAYLOADS = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)" x="',
    "' autofocus onfocus='alert(1)",
    "<a href=javascript:alert(1)>a</a>",
    "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>",
    "<details open ontoggle=alert(1)>",
    "<style>@import 'http://198.51.100.1/x'</style>",
    "<link rel=stylesheet href=http://198.51.100.1/x>",
    "<meta http-equiv=refresh content='0;url=http://198.51.100.1/'>",
    "<base href=http://198.51.100.1/>",
    "<math><mtext><img src=x onerror=alert(1)></mtext></math>",
    "</title><script>alert(1)</script>",
    "<!--><script>alert(1)</script-->",
    "${alert(1)}`{{alert(1)}}$title\\u003cscript>alert(1)</script>",
)
SIZES = {"least": 1, "median": 1, "most": 1}


def hostile_run(builder):
    """Every name that a report shows is a payload: classes, domains, methods, files, labels."""
    home, away = PAYLOADS[0], PAYLOADS[1]
    run = builder(classes=list(PAYLOADS), domains=[home, away], run=PAYLOADS[2])
    counts = [[5 if i == j else 1 for j in range(len(PAYLOADS))] for i in range(len(PAYLOADS))]
    for number, method in enumerate(("erm", *PAYLOADS)):
        for fold in (0, 1):
            run.cell(method, away, fold, validation={home: counts}, unseen=counts)
            run.curve(method, away, fold, [0.1, 0.2 + number / 100])
    for trial, payload in enumerate(PAYLOADS):
        run.trial(PAYLOADS[3], away, trial, 0.5, **{payload: f"{trial}{payload}"})
    return run.build()


def hostile_data():
    """An overview and an audit that say nothing but payloads."""
    domains = [
        {"name": payload, "images": 1, "unlabelled": 0, "left_out": {payload: 1}, "patients": 1}
        | {"counts": dict.fromkeys(PAYLOADS, 1), "width": SIZES, "height": SIZES}
        | {"mean_rgb": [1, 2, 3], "sd_rgb": [1, 2, 3]}
        | {"agreements": [{"readings": [payload] * 2, "images": 1, "agree": 1, "kappa": None}]}
        for payload in PAYLOADS
    ]
    examples = [{"domain": p, "class": p, "png": f'"{p}'} for p in PAYLOADS]
    overview = {"classes": list(PAYLOADS), "domains": domains, "examples": examples}
    findings = [
        {"kind": p, "severity": p, "what": p, "fix": p, "count": 1, "likeness": []}
        | {"cases": [[{"domain": p, "image": p, "label": p}]]}
        | {"counts": [{"label": p, "found": 1, "published": 2}]}
        for p in PAYLOADS
    ]
    pictures = [{"domain": p, "image": p, "png": "AAAA"} for p in PAYLOADS]
    audit = {"images": 1, "findings": findings, "pictures": pictures}
    return OverviewFacts.from_json(overview), AuditFacts.from_json(audit)


@pytest.fixture(scope="module")
def report(builder, tmp_path_factory):
    tables = hostile_run(builder)
    overview, audit = hostile_data()
    path = tmp_path_factory.mktemp("payloads") / "report.html"
    write_report(replace(tables, overview=overview, audit=audit), path)
    return path


def test_no_payload_is_an_element_of_the_page(report):
    text = report.read_text(encoding="utf-8")
    assert [payload for payload in PAYLOADS if "<" in payload and payload in text] == []
    assert all(html.escape(payload) in text for payload in PAYLOADS[:2])


@pytest.mark.browser
def test_no_payload_runs_or_asks_for_anything_in_a_browser(report):
    fired, asked, complaints = [], [], []
    with chromium() as browser:
        page = browser.new_page()
        page.on("dialog", lambda dialog: (fired.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.goto(report.as_uri())
        for panel in page.query_selector_all(".panel"):
            panel.scroll_into_view_if_needed()
            page.wait_for_function(
                "id => document.getElementById(id).dataset.drawn === 'yes'",
                arg=panel.get_attribute("id"),
            )
        page.mouse.move(640, 360)  # over the last figure, for what it shows on hovering
        page.wait_for_timeout(200)
    assert fired == []
    assert asked == [report.as_uri()]
    assert [text for text in complaints if "Content Security Policy" in text] == []
