"""Losses as pure functions of tensors, free of configuration and state."""

from wbcray.methods.functional.boda import boda
from wbcray.methods.functional.coral import coral
from wbcray.methods.functional.gradient_reversal import gradient_reversal

__all__ = ["boda", "coral", "gradient_reversal"]
