"""What a run found, as tables, figures and a one-file report; reads what the store wrote."""
