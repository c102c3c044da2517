"""The manifests for KubeRay: every key is known, any mistake in one is found."""

import copy

import pytest
from jsonschema import Draft202012Validator
from kuberay_schema import MANIFEST
from launch_folder import MANIFESTS, cluster_of, documents_of, pinned_versions, pods_of

VALIDATOR = Draft202012Validator(MANIFEST)


def mappings(value, path=()):
    """The places of all mappings in a document."""
    if isinstance(value, dict):
        yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in inside:
        if isinstance(inner, dict | list):
            yield from mappings(inner, (*path, key))


def at(document, path):
    for key in path:
        document = document[key]
    return document


def mistaken(document):
    """Copies of a document, each with one mistake, and what the mistake is."""
    for path in mappings(document):
        added = copy.deepcopy(document)
        at(added, path)["unknownKey"] = "value"
        yield added, f"{path}: one key too many"
        for key in at(document, path):
            misspelt = copy.deepcopy(document)
            place = at(misspelt, path)
            place[key[:-1] + key[-1] * 2] = place.pop(key)
            yield misspelt, f"{path}: {key} misspelt"


@pytest.mark.parametrize("name", MANIFESTS)
def test_every_key_of_a_manifest_is_known(name):
    for document in documents_of(name):
        Draft202012Validator.check_schema(MANIFEST)
        assert [error.message for error in VALIDATOR.iter_errors(document)] == []


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_key_that_is_unknown_or_misspelt_at_any_depth_is_found(name):
    mistakes = [pair for document in documents_of(name) for pair in mistaken(document)]
    assert len(mistakes) > 150
    assert [what for document, what in mistakes if VALIDATOR.is_valid(document)] == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("authOptions", "mode"), "disabled"),
        (("headGroupSpec", "rayStartParams", "dashboard-host"), "0.0.0.0"),  # noqa: S104
        (("headGroupSpec", "template", "spec", "securityContext", "runAsUser"), 0),
        (("autoscalerOptions", "securityContext", "allowPrivilegeEscalation"), True),
        (("autoscalerOptions", "resources", "limits", "memory"), "512 MB"),
        (("workerGroupSpecs", 0, "replicas"), "1"),
    ],
)
def test_a_value_that_opens_a_cluster_or_has_the_wrong_kind_is_found(path, value):
    (document, _) = documents_of("kuberay-raycluster.yaml")
    at(document["spec"], path[:-1])[path[-1]] = value
    assert not VALIDATOR.is_valid(document)


@pytest.mark.parametrize("name", MANIFESTS)
def test_the_pixel_cache_lies_on_the_nodes_own_disk_and_data_on_the_shared_volume(name):
    for pod in pods_of(name):
        volumes = {volume.pop("name"): volume for volume in pod["volumes"]}
        (container,) = pod["containers"]
        mounts = {one["mountPath"]: volumes[one["name"]] for one in container["volumeMounts"]}
        assert list(mounts["/cache"]) == ["emptyDir"]
        assert list(mounts["/data"]) == ["persistentVolumeClaim"]
        assert set(volumes) == {one["name"] for one in container["volumeMounts"]}


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_pod_asks_for_as_much_memory_and_as_many_cpus_as_it_may_use(name):
    for pod in pods_of(name):
        for container in pod["containers"]:
            resources = container["resources"]
            for what in ("cpu", "memory", "nvidia.com/gpu"):
                assert resources["requests"].get(what) == resources["limits"].get(what)


@pytest.mark.parametrize("name", MANIFESTS)
def test_ray_is_the_tested_one_and_only_workers_train(name):
    cluster = cluster_of(name)
    assert cluster["rayVersion"] == pinned_versions()["ray"]
    assert cluster["headGroupSpec"]["rayStartParams"]["num-cpus"] == "0"
    for group in cluster["workerGroupSpecs"]:
        assert group["minReplicas"] <= group["replicas"] <= group["maxReplicas"]


@pytest.mark.parametrize("name", MANIFESTS)
def test_the_network_policy_covers_all_pods_and_lets_none_but_ray_and_the_operator_in(name):
    policy = documents_of(name)[1]["spec"]
    cluster = cluster_of(name)
    groups = [cluster["headGroupSpec"], *cluster["workerGroupSpecs"]]
    chosen = policy["podSelector"]["matchLabels"]
    assert all(group["template"]["metadata"]["labels"] == chosen for group in groups)
    ours, *others = policy["ingress"]
    assert ours["from"] == [{"podSelector": {"matchLabels": chosen}}]
    assert [[port["port"] for port in rule["ports"]] for rule in others] == (
        [[8265]] if "rayjob" in name else []
    )


def test_a_job_is_tried_again_and_its_cluster_goes_when_it_has_ended():
    spec = documents_of("kuberay-rayjob.yaml")[0]["spec"]
    assert spec["shutdownAfterJobFinishes"] is True
    assert spec["backoffLimit"] > 0
    assert spec["ttlSecondsAfterFinished"] > 0
