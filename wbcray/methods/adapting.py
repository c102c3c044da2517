"""Which parts adapt at test time: said once more without torch, for tables and reports."""

from wbcray.core.config import Axis

ADAPTING: frozenset[tuple[Axis, str]] = frozenset({("normalization", "adaptive_batch")})
"""Parts with `adapts`: they look at the unlabelled images of the domain that is judged, which is
another setting than domain generalisation."""
