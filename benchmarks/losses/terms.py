"""Single loss terms, ours against the pairwise form and against the public codes."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.losses import pairwise
from benchmarks.losses.cases import Case, Watch, make_case
from benchmarks.losses.peers import boda_update, distance_terms
from benchmarks.main_job import spread
from wbcray.methods.base import Outputs
from wbcray.methods.functional.coral import coral
from wbcray.methods.functional.mmd import mmd
from wbcray.methods.penalties.boda import Boda, BodaParams

BATCHES = (24, 48, 72)
DOMAINS = (2, 3)
GOALS = {"coral": "12", "boda": "1.4", "mmd": "1.5 at 3 domains"}

Work = Callable[[], object]


def terms(watch: Watch, *, repeats: int) -> None:
    """Every term at every size."""
    device = watch.device
    print(
        f"terms: forward and backward of one loss term on {device.type}, 2048 features, 13 classes"
    )
    peers = distance_terms()
    for name, goal in GOALS.items():
        print(f"  {name}, goal: the pairwise form takes {goal} times as long")
        for domains in DOMAINS:
            for batch in BATCHES:
                case = make_case(batch, domains, device=device)
                rivals = (
                    boda_rivals(case, device)
                    if name == "boda"
                    else distance_rivals(case, name, peers.get(name, []))
                )
                for rival, ours, theirs in rivals:
                    report(
                        f"{domains} domains, batch {batch}, {rival}", ours, theirs, watch, repeats
                    )


def report(title: str, ours: Work, theirs: Work, watch: Watch, repeats: int) -> None:
    """How many times ours is faster, and the milliseconds of both."""
    pairs = watch.in_turns(ours, theirs, repeats=repeats)
    print(f"    {title}: {spread([b / a for a, b in pairs])} times", end="; ")
    print(f"ours {spread([1e3 * a for a, _ in pairs])} ms", end=", ")
    print(f"theirs {spread([1e3 * b for _, b in pairs])} ms", flush=True)


def distance_rivals(
    case: Case, name: str, peers: Sequence[tuple[str, Callable[[Sequence[Tensor]], Tensor]]]
) -> list[tuple[str, Work, Work]]:
    """CORAL or MMD; theirs gets the features of each domain by themselves, as those codes do."""
    function = {"coral": coral, "mmd": mmd}[name]
    whole, groups = case.features.clone().requires_grad_(), split(case)
    forms = [("pairwise form", getattr(pairwise, name)), *peers]

    def ours() -> None:
        torch.autograd.grad(function(whole, case.targets.domains), whole)

    def theirs(form: Callable[[Sequence[Tensor]], Tensor]) -> Work:
        return lambda: torch.autograd.grad(form(groups), groups)

    return [(rival, ours, theirs(form)) for rival, form in forms]


def boda_rivals(case: Case, device: torch.device) -> list[tuple[str, Work, Work]]:
    """BoDA's own term: the part against the authors' operations, and against their update."""
    part = Boda(BodaParams(weight=1.0, macro_weight=0.0, warm_up=0.0), case.facts).to(device)
    part.refresh(case.table)
    groups, labels = split(case), of_each_domain(case, case.targets.labels)
    whole = case.features.clone().requires_grad_()
    known = part.centroids
    counts = case.facts.counts.float().to(device)
    no_logits = case.features.new_zeros(len(whole), counts.shape[1])

    def ours() -> None:
        terms = part(Outputs(features=whole, logits=no_logits), case.targets, 1.0)
        torch.autograd.grad(terms.total, whole)

    def theirs() -> None:
        loss = pairwise.boda(
            groups,
            labels,
            centroids=known.means,
            centroid_domains=known.domains,
            centroid_labels=known.labels,
            counts=counts,
            nu=part.params.nu,
            temperature=part.params.temperature,
        )
        torch.autograd.grad(loss, groups)

    rivals: list[tuple[str, Work, Work]] = [("the authors' operations", ours, theirs)]
    update = boda_update(case.domains, known.means.clone(), device)
    if update is not None:
        batches = list(zip(groups, labels, strict=True))
        rivals.append(
            ("MDLT, an update without network", our_update(part, case), lambda: update(batches))
        )
    return rivals


def our_update(part: Boda, case: Case) -> Work:
    """What an update of MDLT does on features: linear classifier, losses, a step of Adam."""
    features = case.features.clone().requires_grad_()
    head = nn.Linear(features.shape[1], case.facts.counts.shape[1]).to(features.device)
    optimizer = torch.optim.Adam(head.parameters(), lr=1e-4)

    def update() -> float:
        logits = head(features)
        added = part(Outputs(features=features, logits=logits), case.targets, 1.0)
        loss = F.cross_entropy(logits, case.targets.labels) + added.total
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return float(loss.detach())

    return update


def split(case: Case) -> list[Tensor]:
    """The features of each domain, to take gradients at."""
    parts = of_each_domain(case, case.features)
    return [features.clone().requires_grad_() for features in parts]


def of_each_domain(case: Case, values: Tensor) -> list[Tensor]:
    """Rows of each domain; they lie one domain after another."""
    sizes: list[int] = case.targets.domains.bincount().tolist()
    return list(values.split(sizes))
