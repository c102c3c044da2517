"""`wbcray data layouts`: the published data sets, in a list and one by one."""

import json

from wbcray.cli.main import run


def test_every_known_data_set_is_listed_with_its_licence(capsys):
    assert run(["data", "layouts"]) == 0
    listed = capsys.readouterr().out
    assert "matek_19" in listed
    assert "18,365" in listed
    assert "CC BY 3.0" in listed


def test_one_data_set_is_told_in_full(capsys):
    assert run(["data", "layouts", "matek_19", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["mappings"]["ae_cfe"]["MYB"] == "myelocyte"
    assert told["mappings"]["ae_cfe"]["PMB"] is None
    assert told["parts"]["all"]["published"]["MYO"] == 3268
    assert "doi.org/10.7937" in told["obtain"]


def test_a_misspelt_data_set_is_answered_with_the_nearest(capsys):
    assert run(["data", "layouts", "acevedo"]) == 2
    assert "did you mean 'acevedo_20'?" in capsys.readouterr().err
