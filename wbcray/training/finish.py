"""The last stage of a fold: which weights are kept, and what the method's finish makes of them."""

import torch

from wbcray.core.config import TrialConfig
from wbcray.core.seeding import derive_seed
from wbcray.data.batch import ImageSet
from wbcray.data.noise import Randomness
from wbcray.methods.base import FeatureTable, Finish, WeightAverage
from wbcray.models.network import Network
from wbcray.training.best import Best
from wbcray.training.features import FeatureCollector
from wbcray.training.judgement import show_images
from wbcray.training.runtime import Runtime


def keep_best(
    config: TrialConfig,
    network: Network,
    best: Best,
    average: WeightAverage | None,
    train: ImageSet,
    runtime: Runtime,
) -> None:
    """Give `network` the weights of its best epoch, or those that the average makes of them."""
    if average is None:
        network.load_state_dict(best.weights)
        return
    network.load_state_dict(average.final(best.weights))
    if average.re_estimates:
        # No step was ever made with these weights, so no running statistics belong to them.
        show_images(network, train, runtime, config.precision)


def apply_finish(
    config: TrialConfig,
    network: Network,
    finish: Finish,
    train: ImageSet,
    collect: FeatureCollector,
    *,
    seed: int,
) -> None:
    """Give `network` the classifier of the method's finish; without a finish, its own."""
    views = [
        collect.augmented(train, Randomness(seed=seed, epoch=config.epochs + number))
        for number in range(finish.views())
    ]
    table = None
    if views:
        table = FeatureTable(
            features=torch.cat([view.features for view in views]),
            labels=torch.cat([view.labels for view in views]),
            domains=torch.cat([view.domains for view in views]),
        )
    head = finish.fit(network.head, table, seed=derive_seed(seed, "finish"))
    network.head.load_state_dict(head.state_dict())
