"""The maths of the parts as pure functions of tensors, free of configuration and state."""

from wbcray.methods.functional.boda import boda
from wbcray.methods.functional.coral import coral
from wbcray.methods.functional.gradient_reversal import gradient_reversal
from wbcray.methods.functional.stain import background_of, restain

__all__ = ["background_of", "boda", "coral", "gradient_reversal", "restain"]
