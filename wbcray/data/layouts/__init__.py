"""Published data sets: how each lies on disk and what its labels mean, one YAML file each."""
