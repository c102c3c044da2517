"""Images are called by keyed hashes wherever others may read, and by files where one must mend."""

import base64
import io
import os
import re
import stat

import pytest
from PIL import Image, PngImagePlugin

from wbcray.core.errors import StoreError
from wbcray.core.image_id import KEY_FILE, image_ids, is_image_id
from wbcray.core.sample import Catalog, Sample
from wbcray.data.audit import thumbnails
from wbcray.data.audit.auditing import Audit
from wbcray.data.audit.duplicates import Link
from wbcray.data.audit.finding import Finding
from wbcray.data.audit.leakage import Leakage
from wbcray.data.audit.payload import audit_payload
from wbcray.data.image_files import files_of_run
from wbcray.explorer.reading.data_facts import AuditFacts
from wbcray.explorer.report.data_panels import audit_html
from wbcray.store.commit import replace

CANARY = "ZZPATIENT"
FIRST = Sample(path=f"blast/{CANARY}_1.png", label="blast", domain="north", patient=CANARY)
SECOND = Sample(path=f"blast/{CANARY}_2.png", label="blast", domain="north", patient=CANARY)
NO_LEAKS = Leakage(folds=(), domains=(), patients=())


@pytest.fixture
def ids(tmp_path):
    return image_ids(tmp_path)


@pytest.fixture
def found():
    """An audit with an unreadable image and a pair of copies."""
    findings = (
        Finding(
            kind="unreadable",
            severity="error",
            what=f"1 image cannot be used, e.g. north/{FIRST.path}: it is cut off",
            count=1,
            fix="mend it",
            cases=((FIRST,),),
        ),
        Finding(
            kind="exact_duplicates",
            severity="warning",
            what="1 pair of images equal in every pixel",
            count=1,
            fix="none",
            cases=((FIRST, SECOND),),
            likeness=(1.0,),
        ),
    )
    link = Link(first=0, second=1, likeness=1.0, exact=True)
    catalog = Catalog(samples=(FIRST, SECOND), classes=("blast",), domains=("north",))
    return Audit(catalog=catalog, unreadable=(), links=(link,), leaks=NO_LEAKS, findings=findings)


def pictures(samples):
    return dict.fromkeys(samples, "AAAA")


def test_an_id_is_the_same_in_every_process_and_another_for_every_image(ids, tmp_path):
    places = [("a", "b/c"), ("a/b", "c"), ("a", "b/d")]
    named = [ids.of(*place) for place in places]
    assert len(set(named)) == 3
    assert all(map(is_image_id, named))
    assert [image_ids(tmp_path).of(*place) for place in places] == named


def test_another_project_gives_other_ids(ids, tmp_path):
    assert image_ids(tmp_path / "other").of("a", "b") != ids.of("a", "b")


def test_the_key_is_its_user_s_alone_and_never_printed(tmp_path):
    before = os.umask(0)
    try:
        ids = image_ids(tmp_path)
    finally:
        os.umask(before)
    file = tmp_path / KEY_FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text()[:8] not in repr(ids)
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]


def test_a_file_system_without_links_keeps_the_key_too(tmp_path, monkeypatch):
    def no_links(*_):
        raise PermissionError

    monkeypatch.setattr(os, "link", no_links)
    assert image_ids(tmp_path).of("a", "b") == image_ids(tmp_path).of("a", "b")


@pytest.mark.parametrize("content", ["", "abc", "zz" * 32, "ab" * 31])
def test_a_damaged_key_is_said_and_not_replaced(tmp_path, content):
    (tmp_path / KEY_FILE).write_text(content)
    with pytest.raises(StoreError, match="damaged"):
        image_ids(tmp_path)
    assert (tmp_path / KEY_FILE).read_text() == content


def test_a_name_that_is_no_text_has_an_id(ids):
    assert is_image_id(ids.of("a", os.fsdecode(b"\xff.png")))


def test_what_a_run_keeps_of_its_audit_names_no_file(found, ids):
    payload = audit_payload(found, pictures, ids=ids)
    assert CANARY not in str(payload)
    assert payload["findings"][0]["what"] == "1 image cannot be used"
    html = audit_html(AuditFacts.from_json(payload))
    assert CANARY not in html
    assert f"north/{ids.of('north', FIRST.path)} (blast)" in html


def test_whoever_checks_data_sees_files(found):
    html = audit_html(AuditFacts.from_json(audit_payload(found, pictures, ids=None)))
    assert f"north/{FIRST.path} (blast)" in html


def test_names_are_shown_to_who_has_the_key_and_asks(found, ids, tmp_path):
    samples = {"north": [[FIRST.path, 0, None], [SECOND.path, 0, None]]}
    replace(tmp_path / "data.json", "data", {"cache": str(tmp_path), "samples": samples})
    hidden = AuditFacts.from_json(audit_payload(found, pictures, ids=ids))
    html = audit_html(hidden.with_files(files_of_run(tmp_path)))
    assert f"north/{FIRST.path} (blast)" in html
    assert html.count("<img") == 3


def test_without_the_key_nobody_can_tell(found, ids, tmp_path):
    run = tmp_path / "run"
    gone = str(tmp_path / "gone")
    replace(run / "data.json", "data", {"cache": gone, "samples": {"north": [[FIRST.path]]}})
    with pytest.raises(StoreError, match="named no image"):
        files_of_run(run)


def test_the_audit_of_an_earlier_version_is_shown_without_its_files():
    place = {"domain": "north", "path": FIRST.path}
    finding = Finding(kind="two_labels", severity="warning", what="x", count=1, fix="y").as_json()
    old = {
        "images": 2,
        "findings": [finding | {"cases": [[place | {"label": "blast"}]]}],
        "pictures": [place | {"png": "AAAA"}],
    }
    html = audit_html(AuditFacts.from_json(old))
    assert CANARY not in html
    assert "north/image 1 (blast)" in html
    assert html.count("<img") == 1


def marked(suffix, path):
    """An image with the canary in everything a file can say beside its pixels."""
    image = Image.effect_noise((90, 70), 80).convert("RGB")
    exif = Image.Exif()
    exif[0x010E] = exif[0x013B] = CANARY
    more = {"exif": exif, "icc_profile": CANARY.encode()}
    if suffix == "png":
        text = PngImagePlugin.PngInfo()
        text.add_text("Comment", CANARY)
        text.add_itxt("XML:com.adobe.xmp", CANARY)
        more["pnginfo"] = text
    elif suffix == "jpg":
        more |= {"comment": CANARY, "xmp": CANARY.encode()}
    image.save(path, **more)
    assert CANARY.encode() in path.read_bytes()


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif"])
def test_a_thumbnail_holds_pixels_and_nothing_else_of_its_file(tmp_path, suffix):
    path = tmp_path / f"x.{suffix}"
    marked(suffix, path)
    png = base64.b64decode(thumbnails.of_file(path))
    assert CANARY.encode() not in png
    chunks = re.findall(rb"[A-Za-z]{4}", png)
    assert not {b"eXIf", b"iCCP", b"tEXt", b"iTXt", b"zTXt"} & set(chunks)
    assert Image.open(io.BytesIO(png)).info == {}
