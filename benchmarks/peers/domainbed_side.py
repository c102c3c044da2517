"""DomainBed's side: its algorithm's `update`, fed by its loaders over its image folders."""

from typing import Any, final

from benchmarks.peers.case import Case
from benchmarks.peers.checkouts import check_enough, make_importable, module, set_side

NAMES = {"erm": "ERM", "coral": "CORAL", "dann": "DANN"}
"""Its name of each method."""

_HELD_BACK = 0.2
"""Share of each domain that its `train.py` does not train on, by default."""


@final
class DomainBed:
    """The loop of its `train.py` without evaluation: batches, `update`, and nothing else.

    Its default hyper-parameters, but for the network (no weights, no AugMix weights), the size of
    images, and loaders that work in this process (`num_workers=0`), so that processor time and
    memory are those of one process.
    """

    def __init__(self, case: Case) -> None:
        make_importable("domainbed")
        algorithms, datasets = module("domainbed.algorithms"), module("domainbed.datasets")
        loaders, misc = module("domainbed.lib.fast_data_loader"), module("domainbed.lib.misc")
        name = NAMES[case.method]
        hparams = module("domainbed.hparams_registry").default_hparams(name, "PACS")
        hparams |= {"resnet18": case.network == "resnet18", "resnet50_augmix": False}
        hparams["batch_size"] = case.per_domain
        environments = sorted([*case.sources, case.held_out])
        held_out = environments.index(case.held_out)
        data = datasets.MultipleEnvironmentImageFolder(
            str(case.images), [held_out], hparams["data_augmentation"], hparams
        )
        feeds = []
        for number, environment in enumerate(data):
            if number == held_out:
                continue
            set_side(environment, case.size)
            back = int(len(environment) * _HELD_BACK)
            _, inside = misc.split_dataset(environment, back, misc.seed_hash(0, number))
            check_enough(len(inside), case, environments[number])
            feeds.append(loaders.InfiniteDataLoader(inside, None, case.per_domain, num_workers=0))
        build = algorithms.get_algorithm_class(name)
        self._algorithm = build(data.input_shape, data.num_classes, len(feeds), hparams)
        self._algorithm.train()
        self._batches: Any = zip(*feeds, strict=False)
        self._case = case

    def turn(self) -> int:
        """So many updates."""
        for _ in range(self._case.steps):
            self._algorithm.update(next(self._batches))
        return self._case.steps * self._case.batch
