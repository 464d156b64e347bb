"""A run from the command line: in this terminal, with a progress bar, in the same queue and store as the
app's.
"""

import os
import sys
from typing import Any

from experiments.cifar10.cli import parse
from experiments.cifar10.config import LabConfig


def run_here(argv: list[str] | None) -> int:
    """Returns the exit status of the run that the arguments ask for, after it has had its turn and ended.

    Under `torchrun` the first process is the run and the others help it.
    """
    from experiments import launch

    config = parse(argv)
    if not launch.supported():
        sys.stderr.write(f"{launch.unsupported_reason()}\n")
        return 2
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        return _together(config)
    return _run(launch.request_of(config))


def _run(request: dict[str, Any]) -> int:
    from tqdm import tqdm

    from experiments.launch.local import LocalLauncher
    from experiments.launch.worker import run

    try:
        folder = LocalLauncher().enlist(request)
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"Run {folder.id}: {request['title']} on {folder.request()['device']}.\n")
    with tqdm(total=request["steps"], unit="step", dynamic_ncols=True) as bar:

        def show(step: int, epoch: int, message: str) -> None:
            bar.set_description(message)
            bar.update(step - bar.n)

        return run(folder, lambda: None, show)


class _Nobody:
    """Takes what a helping process has to tell, and tells no one."""

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **more: None


def _together(config: LabConfig) -> int:
    """Returns the exit status of this process, one of several that torchrun started."""
    from datetime import timedelta
    from pathlib import Path

    import torch
    import torch.distributed as dist

    from experiments import launch
    from experiments.cifar10.place import find_place
    from experiments.cifar10.train import train

    cuda = torch.cuda.is_available() and config.device in ("auto", "cuda")
    device = f"cuda:{os.environ['LOCAL_RANK']}" if cuda else "cpu"
    patience = timedelta(days=7)  # the others wait for the first one, which waits for its turn
    dist.init_process_group("nccl" if cuda else "gloo", timeout=patience)
    try:
        status = 0
        if dist.get_rank() == 0:
            status = _run(launch.request_of(config) | {"device": device})
        else:
            nobody = _Nobody()
            train(
                config, find_place(device, config.precision, config.width), Path(os.devnull), nobody, nobody
            )
        if status == 0:  # who leaves while others still talk to the group can be ended by its threads
            dist.barrier()
        return status
    finally:
        dist.destroy_process_group()
