"""Two processes that compute together, started from one that has imported torch already."""

import multiprocessing

import torch.multiprocessing as processes

# Each process would import for seconds: a server that has done so once makes all of them.
multiprocessing.set_forkserver_preload(["wbcray.training.trial", "wbcray.training.open_run"])


def run_two(work, arguments):
    """Call `work(number, *arguments)` in two processes and wait for both."""
    processes.start_processes(work, arguments, nprocs=2, start_method="forkserver")
