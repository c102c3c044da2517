"""A strict schema of what our Kubernetes manifests use, from the documented fields of each kind.

KubeRay's own definitions (ray.io/v1 of 1.7) and Kubernetes' PodSpec allow far more. Here every key
that is not listed is refused, at any depth, and what makes a pod safe is required.
"""

TEXT = {"type": "string", "minLength": 1}
FLAG = {"type": "boolean"}
YES = {"const": True}
NO = {"const": False}
COUNT = {"type": "integer", "minimum": 0}
QUANTITY = {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?(m|[KMGT]i?)?$"}


def closed(required="", **properties):
    """An object with these keys and no other; `required` names those that must be there."""
    return {
        "type": "object",
        "properties": properties,
        "required": required.split(),
        "additionalProperties": False,
    }


def keyed(required="", **properties):
    """As `closed`, for keys that are no Python names: `_` stands for `-`."""
    return closed(required, **{key.replace("_", "-"): value for key, value in properties.items()})


def one_of(*values):
    """One of these values."""
    return {"enum": list(values)}


def several(items):
    """A list with at least one item."""
    return {"type": "array", "items": items, "minItems": 1}


LABELS = closed("app", app=TEXT)
NAMED = closed("name", name=TEXT)
AMOUNTS = keyed("cpu memory", cpu=QUANTITY, memory=QUANTITY, ephemeral_storage=QUANTITY)
AMOUNTS["properties"]["nvidia.com/gpu"] = {"type": "string", "pattern": "^[0-9]+$"}
RESOURCES = closed("requests limits", requests=AMOUNTS, limits=AMOUNTS)
SECCOMP = closed("type", type=one_of("RuntimeDefault"))
CONFINED = closed(
    "runAsNonRoot allowPrivilegeEscalation capabilities seccompProfile",
    runAsNonRoot=YES,
    allowPrivilegeEscalation=NO,
    capabilities=closed("drop", drop={"const": ["ALL"]}),
    seccompProfile=SECCOMP,
)
USER = closed(
    "runAsNonRoot runAsUser seccompProfile",
    runAsNonRoot=YES,
    runAsUser={"type": "integer", "minimum": 1},
    runAsGroup={"type": "integer", "minimum": 1},
    fsGroup={"type": "integer", "minimum": 1},
    seccompProfile=SECCOMP,
)
VOLUME = {
    "oneOf": [
        closed(
            "name persistentVolumeClaim",
            name=TEXT,
            persistentVolumeClaim=closed("claimName", claimName=TEXT),
        ),
        closed("name emptyDir", name=TEXT, emptyDir=closed("sizeLimit", sizeLimit=QUANTITY)),
    ]
}
CONTAINER = closed(
    "name image env resources securityContext volumeMounts",
    name=TEXT,
    image={"type": "string", "pattern": r"^[\w./-]+:[0-9][\w.]*$"},
    env=several(closed("name value", name=TEXT, value=TEXT)),
    resources=RESOURCES,
    securityContext=CONFINED,
    volumeMounts=several(closed("name mountPath", name=TEXT, mountPath=TEXT)),
)
POD = closed(
    "securityContext containers volumes",
    automountServiceAccountToken=FLAG,
    securityContext=USER,
    terminationGracePeriodSeconds=COUNT,
    containers=several(CONTAINER),
    volumes=several(VOLUME),
)
TEMPLATE = closed("metadata spec", metadata=closed("labels", labels=LABELS), spec=POD)
HEAD = closed(
    "rayStartParams template",
    rayStartParams=keyed("num-cpus", num_cpus=TEXT, dashboard_host=one_of("127.0.0.1")),
    template=TEMPLATE,
)
WORKERS = closed(
    "groupName minReplicas maxReplicas template",
    groupName=TEXT,
    replicas=COUNT,
    minReplicas=COUNT,
    maxReplicas=COUNT,
    rayStartParams=closed(),
    template=TEMPLATE,
)
CLUSTER = closed(
    "rayVersion authOptions headGroupSpec workerGroupSpecs",
    rayVersion=TEXT,
    authOptions=closed("mode", mode=one_of("token")),
    enableInTreeAutoscaling=FLAG,
    autoscalerOptions=closed(
        "securityContext resources",
        version=one_of("v1", "v2"),
        idleTimeoutSeconds=COUNT,
        securityContext=CONFINED,
        resources=RESOURCES,
    ),
    headGroupSpec=HEAD,
    workerGroupSpecs=several(WORKERS),
)
JOB = closed(
    "entrypoint rayClusterSpec shutdownAfterJobFinishes",
    entrypoint=TEXT,
    submissionMode=one_of("K8sJobMode", "HTTPMode", "SidecarMode", "InteractiveMode"),
    backoffLimit=COUNT,
    activeDeadlineSeconds={"type": "integer", "minimum": 1},
    shutdownAfterJobFinishes=FLAG,
    ttlSecondsAfterFinished=COUNT,
    rayClusterSpec=CLUSTER,
)
NAMESPACE = {"kubernetes.io/metadata.name": TEXT}
PEER = {
    "oneOf": [
        closed("podSelector", podSelector=closed("matchLabels", matchLabels=LABELS)),
        closed(
            "namespaceSelector",
            namespaceSelector=closed(
                "matchLabels", matchLabels=closed(" ".join(NAMESPACE), **NAMESPACE)
            ),
        ),
    ]
}
POLICY = closed(
    "podSelector policyTypes ingress",
    podSelector=closed("matchLabels", matchLabels=LABELS),
    policyTypes={"const": ["Ingress"]},
    ingress=several(
        closed(
            "from",
            **{
                "from": several(PEER),
                "ports": several(
                    closed("protocol port", protocol=one_of("TCP"), port={"type": "integer"})
                ),
            },
        )
    ),
)


def _kind(version, kind, spec):
    return closed(
        "apiVersion kind metadata spec",
        apiVersion=one_of(version),
        kind=one_of(kind),
        metadata=NAMED,
        spec=spec,
    )


MANIFEST = {
    "oneOf": [
        _kind("ray.io/v1", "RayCluster", CLUSTER),
        _kind("ray.io/v1", "RayJob", JOB),
        _kind("networking.k8s.io/v1", "NetworkPolicy", POLICY),
    ]
}
