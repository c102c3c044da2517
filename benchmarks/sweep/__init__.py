"""Where the time of `wbcray tune` goes: the command, Ray, the workers, the parts of a trial."""
