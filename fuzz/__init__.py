"""Fuzz targets: whatever bytes are read, there is a value or an error for the user.

One command runs a target until its time is over or it finds something; it needs `atheris`, which
nothing else does:

    pip install atheris
    python -m fuzz archives -max_total_time=600

Targets are `archives`, `configurations`, `labels` and `records`; options after the name go to
libFuzzer.
`tests/fuzz_seeds` runs every target on its seeds and on some changes of them, without atheris.
"""
