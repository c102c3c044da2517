"""The last stage of a fold: which weights are kept, and what the method's finish makes of them."""

import torch

from wbcray.core.config import TrialConfig
from wbcray.core.seeding import derive_seed
from wbcray.data.batch import ImageSet
from wbcray.data.noise import Randomness
from wbcray.methods.base import FeatureTable
from wbcray.training.assembly import Assembly
from wbcray.training.best import Best
from wbcray.training.judgement import show_images
from wbcray.training.runtime import Runtime


def keep_best(
    config: TrialConfig, parts: Assembly, best: Best, train: ImageSet, runtime: Runtime
) -> None:
    """Give the network the weights of its best epoch, or those that the average makes of them."""
    network, average = parts.network, parts.steps.average
    if average is None:
        network.load_state_dict(best.weights)
        return
    network.load_state_dict(average.final(best.weights))
    if average.re_estimates:
        # No step was ever made with these weights, so no running statistics belong to them.
        show_images(network, train, runtime, config.precision, alive=parts.steps.alive)


def apply_finish(config: TrialConfig, parts: Assembly, train: ImageSet, *, seed: int) -> None:
    """Give the network the classifier of the method's finish; without a finish, its own."""
    network, finish, collect = parts.network, parts.finish, parts.collect
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
