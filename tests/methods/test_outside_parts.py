"""Parts of other packages: installed ones by entry points, others registered by hand."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from wbcray.core.config import AXES
from wbcray.core.errors import UsageError
from wbcray.methods import parts
from wbcray.methods.compose import declared_of, default_composition, override
from wbcray.methods.describe import describe_part, describe_parts
from wbcray.testing import checks_of_part

ROOT = Path(__file__).resolve().parents[2]
PENALTY = '''"""Mean features alike: Tzeng et al. 2014, https://arxiv.org/abs/1412.3474."""

from dataclasses import dataclass

from torch.nn import functional as F

from wbcray.core.hyper import hyper
from wbcray.methods.base import LossTerms, Penalty, detached


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    weight: float = hyper(1.0, 1e-4, 1e4, log=True, help="weight of the distance of the means")


class Alike(Penalty):
    """Variance of the domains' mean features."""

    citation = "tzeng2014ddc"
    formula = "weight * variance over domains of the mean feature"
    cost = "one mean per domain"
    Params = Params
    needs_domains = 2

    def __init__(self, params, facts):
        super().__init__()
        self.params = params

    def forward(self, outputs, targets, progress):
        member = F.one_hot(targets.domains, 1 + int(targets.domains.max())).float()
        sizes = member.sum(0)
        present = sizes > 0
        means = (member.T @ outputs.features.float())[present] / sizes[present, None]
        distance = means.var(0, correction=0).mean() if len(means) > 1 else means.new_zeros(())
        return LossTerms(self.params.weight * distance, detached(alike=distance))
'''


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Install a package with these entry points; as pip would, in a folder of its own."""
    monkeypatch.setattr(parts, "_REGISTERED", {})
    monkeypatch.syspath_prepend(str(tmp_path))

    def installed(*entries: str, package: str = "my-alike", code: str = PENALTY) -> Path:
        module = package.replace("-", "_")
        info = tmp_path / f"{module}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text("\n".join(["[wbcray.parts]", *entries]) + "\n")
        (tmp_path / f"{module}.py").write_text(code)
        importlib.invalidate_caches()
        parts._installed.cache_clear()
        return tmp_path

    yield installed
    parts._installed.cache_clear()
    for name in [name for name in sys.modules if name.startswith("my_")]:
        del sys.modules[name]


@pytest.fixture
def alike(install):
    """An installed package with the penalty `alike`."""
    return install("penalty.alike = my_alike:Alike")


def test_an_installed_part_comes_after_those_of_the_table(alike) -> None:
    assert parts.part_names("penalty") == (*parts.PARTS["penalty"], "alike")
    assert "alike" not in parts.part_names("sampler")


def test_an_installed_part_can_be_chosen_and_set(alike) -> None:
    chosen = override(default_composition("erm"), {"penalty": "alike", "penalty.weight": 3.0})
    assert chosen.penalty.values == {"weight": 3.0}
    assert "penalty.weight" in {item.name for item in declared_of(chosen)}


def test_an_installed_part_is_described_like_any_other(alike) -> None:
    described = describe_part("penalty", "alike")
    assert described.paper == "https://arxiv.org/abs/1412.3474"
    assert [item.name for item in described.parameters] == ["penalty.weight"]
    assert described in describe_parts()


def test_an_installed_part_holds_the_contract(alike) -> None:
    checks = checks_of_part("penalty", "alike")
    assert len(checks) > 15
    for check in checks:
        check()


def test_an_installed_part_is_offered_after_a_typo(alike) -> None:
    with pytest.raises(UsageError, match="did you mean 'alike'"):
        parts.part_class("penalty", "alkie")


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("penalty.coral = my_alike:Alike", "my_alike:Alike of the package 'my-alike'"),
        ("penalti.alike = my_alike:Alike", "did you mean 'penalty'"),
        ("penalty = my_alike:Alike", "'my-alike' names a part in a form that cannot be read"),
        ("penalty.alike = my_alike", "'my-alike' names a part in a form that cannot be read"),
    ],
)
def test_an_entry_point_that_cannot_be_is_refused_with_its_package(install, entry, told) -> None:
    install(entry)
    with pytest.raises(UsageError, match=told):
        parts.part_names("penalty")


def test_a_name_that_is_taken_is_refused_with_both_places(install) -> None:
    install("penalty.coral = my_alike:Alike")
    with pytest.raises(UsageError) as caught:
        parts.part_names("penalty")
    assert "wbcray.methods.penalties.coral:Coral of wbcray" in str(caught.value)
    assert "my_alike:Alike of the package 'my-alike'" in str(caught.value)


def test_two_packages_with_one_name_are_both_told(install) -> None:
    install("penalty.alike = my_alike:Alike")
    install("penalty.alike = my_other:Alike", package="my-other")
    with pytest.raises(UsageError) as caught:
        parts.part_names("penalty")
    assert all(f"the package '{name}'" in str(caught.value) for name in ("my-alike", "my-other"))


@pytest.mark.parametrize(
    ("entry", "code", "told"),
    [
        ("penalty.alike = my_absent:Alike", "", "No module named 'my_absent'"),
        ("penalty.alike = my_alike:Typo", PENALTY, "has no attribute 'Typo'"),
        ("penalty.alike = my_alike:Alike", "1 / 0", "ZeroDivisionError"),
        ("penalty.alike = my_alike:Alike", "Alike = 3", "which is no Penalty"),
        ("sampler.alike = my_alike:Alike", PENALTY, "which is no Sampler"),
        ("domain_risk.alike = my_alike:Alike", PENALTY, "which is no DomainRisk"),
        ("classification.alike = my_alike:Alike", PENALTY, "which is no ClassificationLoss"),
    ],
)
def test_a_part_that_cannot_be_used_is_refused_with_its_package(install, entry, code, told) -> None:
    install(entry, code=code)
    axis = entry.partition(".")[0]
    assert "alike" in parts.part_names(axis)
    with pytest.raises(UsageError, match=told) as caught:
        parts.part_class(axis, "alike")
    assert "the package 'my-alike'" in str(caught.value)


def test_a_part_can_be_registered_for_this_process(install) -> None:
    install()
    parts.register("penalty", "by_hand", "my_alike:Alike")
    assert parts.part_names("penalty")[-1] == "by_hand"
    assert parts.part_class("penalty", "by_hand").needs_domains == 2


@pytest.mark.parametrize("name", ["coral", "alike", "by_hand"])
def test_registering_a_name_that_is_taken_is_refused(alike, name) -> None:
    parts.register("penalty", "by_hand", "my_alike:Alike")
    with pytest.raises(UsageError, match=f"two parts are called penalty '{name}'"):
        parts.register("penalty", name, "my_alike:Alike")


def test_every_axis_has_an_interface() -> None:
    assert len({parts._interface(axis) for axis in AXES}) == len(AXES)


def test_listing_reads_the_metadata_once_and_imports_no_part(alike) -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(alike)!r}); "
        "from wbcray.methods import parts; before = 'importlib.metadata' in sys.modules; "
        "assert 'alike' in parts.part_names('penalty'); parts.part_names('sampler'); "
        "assert parts._installed.cache_info().misses == 1; "
        "sys.exit(before or 'torch' in sys.modules or 'my_alike' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
