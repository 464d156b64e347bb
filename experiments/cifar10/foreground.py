"""A run from the command line: in this terminal, with a progress bar, in the same queue and store as the app's."""

import sys

from experiments.cifar10.cli import parse


def run_here(argv: list[str] | None) -> int:
    """Returns the exit status of the run that the arguments ask for, after it has had its turn and ended."""
    from tqdm import tqdm

    from experiments import launch
    from experiments.launch.local import LocalLauncher
    from experiments.launch.worker import run

    config = parse(argv)
    if not launch.supported():
        print(launch.unsupported_reason(), file=sys.stderr)
        return 2
    request = launch.request_of(config)
    folder = LocalLauncher().enlist(request)
    print(f"Run {folder.id}: {config.title} on {folder.request()['device']}; the same again: {config.command()}")
    with tqdm(total=request["steps"], unit="step", dynamic_ncols=True) as bar:

        def show(step: int, epoch: int, message: str) -> None:
            bar.set_description(message)
            bar.update(step - bar.n)

        return run(folder, lambda: None, show)
