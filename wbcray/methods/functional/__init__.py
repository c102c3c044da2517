"""The maths of the parts as pure functions of tensors, free of configuration and state.

As `torch.nn.functional` is to its modules: shapes, formula, source and differences from published
code are in each function's docstring.
"""

from wbcray.methods.functional.balanced_softmax import balanced_softmax
from wbcray.methods.functional.boda import boda
from wbcray.methods.functional.channel_style import channel_style, with_mixed_style
from wbcray.methods.functional.class_balanced import class_balanced, class_balanced_weights
from wbcray.methods.functional.colour_spaces import lab_to_rgb, rgb_to_lab
from wbcray.methods.functional.coral import coral
from wbcray.methods.functional.domain_means import domain_means
from wbcray.methods.functional.fishr import fishr, gradient_variances
from wbcray.methods.functional.focal import focal
from wbcray.methods.functional.gradient_reversal import gradient_reversal
from wbcray.methods.functional.gray_world import gray_world
from wbcray.methods.functional.irm import irm
from wbcray.methods.functional.ldam import ldam, ldam_margins
from wbcray.methods.functional.logit_adjustment import logit_adjustment, post_hoc_shift
from wbcray.methods.functional.mmd import mmd
from wbcray.methods.functional.partners import partners_anywhere, partners_in_other_domain
from wbcray.methods.functional.reinhard import reinhard
from wbcray.methods.functional.reweight import reweight
from wbcray.methods.functional.stain import background_of, restain
from wbcray.methods.functional.style import randomize_content, randomize_style
from wbcray.methods.functional.supervised_contrastive import supervised_contrastive
from wbcray.methods.functional.vrex import vrex

__all__ = [
    "background_of",
    "balanced_softmax",
    "boda",
    "channel_style",
    "class_balanced",
    "class_balanced_weights",
    "coral",
    "domain_means",
    "fishr",
    "focal",
    "gradient_reversal",
    "gradient_variances",
    "gray_world",
    "irm",
    "lab_to_rgb",
    "ldam",
    "ldam_margins",
    "logit_adjustment",
    "mmd",
    "partners_anywhere",
    "partners_in_other_domain",
    "post_hoc_shift",
    "randomize_content",
    "randomize_style",
    "reinhard",
    "restain",
    "reweight",
    "rgb_to_lab",
    "supervised_contrastive",
    "vrex",
    "with_mixed_style",
]
