"""`wbcray export`: a run's tables, figures, protocol and predictions as files for papers."""
