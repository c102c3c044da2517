"""The contract of parts and methods as checks, for tests of this package and of any other.

A package with a penalty of its own tests it so:

    import pytest
    from wbcray.testing import checks_of_part

    @pytest.mark.parametrize("check", checks_of_part("penalty", "ddc"), ids=str)
    def test_contract(check):
        check()

Nothing here needs pytest. All checks together take seconds and no GPU.
"""

from wbcray.testing.check import Check
from wbcray.testing.contract import checks_of_method, checks_of_part

__all__ = ["Check", "checks_of_method", "checks_of_part"]
