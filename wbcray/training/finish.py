"""The last stage of a fold, for methods that have one."""

import torch

from wbcray.core.config import TrialConfig
from wbcray.core.seeding import derive_seed
from wbcray.data.batch import ImageSet
from wbcray.data.noise import Randomness
from wbcray.methods.base import FeatureTable
from wbcray.methods.method import build_finish
from wbcray.models.network import Network
from wbcray.training.features import FeatureCollector


def apply_finish(
    config: TrialConfig,
    network: Network,
    train: ImageSet,
    collect: FeatureCollector,
    *,
    seed: int,
) -> None:
    """Give `network` the classifier of the method's finish; without a finish, leave it."""
    finish = build_finish(config.method)
    if finish.views() == 0:
        return
    views = [
        collect.augmented(train, Randomness(seed=seed, epoch=config.epochs + number))
        for number in range(finish.views())
    ]
    table = FeatureTable(
        features=torch.cat([view.features for view in views]),
        labels=torch.cat([view.labels for view in views]),
        domains=torch.cat([view.domains for view in views]),
    )
    head = finish.fit(network.head, table, seed=derive_seed(seed, "finish"))
    network.head.load_state_dict(head.state_dict())
