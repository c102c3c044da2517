"""The variance of the domains' risks (V-REx).

Krueger et al., "Out-of-Distribution Generalization via Risk Extrapolation (REx)", ICML 2021,
https://arxiv.org/abs/2003.00688.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor


def vrex(
    risks: Float[Tensor, " domains"], *, present: Bool[Tensor, " domains"] | None = None
) -> Float[Tensor, ""]:
    """Population variance of the risks.

        loss = mean over domains d of (R_d - mean of R)^2

    so ((R_1 - R_2) / 2)^2 for two domains. As DomainBed's (https://arxiv.org/abs/2007.01434),
    which has no rule for a domain without images in the batch; the paper says variance and leaves
    the divisor open.

    Args:
        risks: Mean loss of each domain.
        present: Which of them count; all, if not given. The values of others are never used.

    Returns:
        The loss in float32 (float64 for float64 risks), also under autocast; exactly zero for one
        risk or none.
    """
    with torch.autocast(device_type=risks.device.type, enabled=False):
        exact = risks if risks.dtype == torch.float64 else risks.float()
        counted = torch.ones_like(exact, dtype=torch.bool) if present is None else present
        zero = torch.zeros_like(exact)
        number = counted.sum().clamp(min=1)
        mean = torch.where(counted, exact, zero).sum() / number
        return torch.where(counted, exact - mean, zero).square().sum() / number
