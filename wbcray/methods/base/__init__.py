"""What a part of a method is: small interfaces that the training loop knows, one per axis.

A part sees the *global* batch: features and labels of all workers. Distribution is the learner's
business (`training/learner.py`), so no part ever talks to another process.

Every part says of itself: `citation`, a key of `CITATION.bib`; `formula`, one line of maths;
`cost`, what it adds to a training step; and `Params`, its hyper-parameters.
"""

from wbcray.methods.base.images import Colour, Mixing, Sampler
from wbcray.methods.base.losses import ClassificationLoss, DomainRisk, Head, Penalty
from wbcray.methods.base.network import Finish, Normalization, WeightAverage
from wbcray.methods.base.values import (
    NOISE_COLUMNS,
    PENALTY_NOISE,
    DrawPlan,
    FeatureTable,
    LossTerms,
    Mixture,
    Outputs,
    Targets,
    TrainingFacts,
    detached,
)

__all__ = [
    "NOISE_COLUMNS",
    "PENALTY_NOISE",
    "ClassificationLoss",
    "Colour",
    "DomainRisk",
    "DrawPlan",
    "FeatureTable",
    "Finish",
    "Head",
    "LossTerms",
    "Mixing",
    "Mixture",
    "Normalization",
    "Outputs",
    "Penalty",
    "Sampler",
    "Targets",
    "TrainingFacts",
    "WeightAverage",
    "detached",
]
