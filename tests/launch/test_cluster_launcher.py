"""The settings for Ray's cluster launcher pass Ray's own checks, and keep ours."""

import copy

import jsonschema
import pytest
from launch_folder import LAUNCHERS, pinned_versions, pins_in, settings_of
from ray.autoscaler._private.util import prepare_config, validate_config

MADE_BY_RAY = "ray-3.0.0.dev0"


def prepared(settings):
    """The settings as `ray up` completes and checks them, without asking the cloud."""
    complete = prepare_config(copy.deepcopy(settings))
    validate_config(complete)
    return complete


@pytest.mark.parametrize("name", LAUNCHERS)
def test_ray_takes_the_settings(name):
    complete = prepared(settings_of(name))
    assert complete["head_node_type"] == "head"
    assert complete["available_node_types"]["worker"]["max_workers"] == complete["max_workers"]


@pytest.mark.parametrize("name", LAUNCHERS)
def test_ray_refuses_every_misspelt_key_of_the_first_level_and_of_a_kind_of_node(name):
    settings = settings_of(name)
    accepted = []
    for path in ((), ("available_node_types", "worker"), ("auth",)):
        place = settings
        for key in path:
            place = place[key]
        for key in list(place):
            wrong = copy.deepcopy(settings)
            there = wrong
            for step in path:
                there = there[step]
            there[key + "s"] = there.pop(key)
            try:
                prepared(wrong)
            except (jsonschema.ValidationError, ValueError, KeyError):
                continue
            accepted.append((*path, key))
    assert accepted == []


@pytest.mark.parametrize("name", LAUNCHERS)
def test_no_nightly_build_is_installed_but_the_pinned_one(name):
    assert MADE_BY_RAY in str(prepare_config({"provider": settings_of(name)["provider"]}))
    complete = prepared(settings_of(name))
    assert MADE_BY_RAY not in str(complete)
    commands = "\n".join(complete["setup_commands"])
    assert dict(pins_in(commands)) == {"ray": pinned_versions()["ray"]}
    assert "--constraint ~/wbcray/constraints.txt" in commands


@pytest.mark.parametrize("name", LAUNCHERS)
def test_ray_starts_with_a_token_and_its_dashboard_on_loopback(name):
    complete = prepared(settings_of(name))
    (_, head), (_, worker) = (complete[f"{kind}_start_ray_commands"] for kind in ("head", "worker"))
    for command in (head, worker):
        assert "RAY_AUTH_MODE=token RAY_USAGE_STATS_ENABLED=0 ray start" in command
    assert "--dashboard-host=127.0.0.1" in head
    assert ("/home/ubuntu/.ray/auth_token", "~/.ray/auth_token") in complete["file_mounts"].items()
    assert "chmod 600 ~/.ray/auth_token" in complete["setup_commands"]


@pytest.mark.parametrize("name", LAUNCHERS)
def test_only_workers_are_spot_machines_and_only_they_train(name):
    types = settings_of(name)["available_node_types"]
    spot = {kind for kind, one in types.items() if "spot" in str(one["node_config"]).lower()}
    assert spot == {"worker"}
    assert types["head"]["resources"] == {"CPU": 0}
    assert types["worker"]["min_workers"] == 0
