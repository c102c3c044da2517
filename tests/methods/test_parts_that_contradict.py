"""Parts that undo each other are refused, and the refusal says what works."""

import pytest

from wbcray.core.errors import UsageError
from wbcray.methods.compose import default_composition
from wbcray.methods.fitness import check_parts


def refusal(method: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        check_parts(default_composition(method), where="here")
    return caught.value


def test_mixed_images_have_no_domain_whose_risk_group_dro_could_weigh() -> None:
    error = refusal("group_dro+mixup")
    assert "belong to no one domain" in error.what
    assert "domain_risk=mean" in error.fix


def test_styles_may_be_mixed_beside_group_dro() -> None:
    check_parts(default_composition("group_dro+mixstyle"), where="here")


def test_irm_needs_logits_of_any_size_and_cosines_are_bounded() -> None:
    error = refusal("ldam_drw+penalty=irm")
    assert "the penalty 'irm' works on a linear classifier" in error.what
    assert "penalty=none" in error.fix


def test_irm_goes_with_the_linear_classifier_of_ldam() -> None:
    check_parts(default_composition("irm+ldam"), where="here")


def test_a_finish_that_replaces_a_linear_classifier_refuses_a_cosine_one() -> None:
    error = refusal("ldam_drw+classifier_retraining")
    assert "the finish 'classifier_retraining' works on a linear classifier" in error.what
    assert "finish=none" in error.fix
