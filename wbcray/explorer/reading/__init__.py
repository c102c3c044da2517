"""From the records of a run to tables: what was run, what it says, and whether it is whole."""
