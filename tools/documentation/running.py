"""Code that runs a method, on a toy problem and on a network, or the sentence that says why it does not."""

from app.offered import runs_on
from tools.documentation import parts
from toy_problems import PROBLEMS


def as_toy(method: str) -> str:
    """Returns code that runs a method on the first toy problem, in the engine that has it."""
    problem = next(iter(PROBLEMS))
    engine = "" if runs_on(problem, method) else ', engine="reference"'
    return parts.python(
        "from toy_problems import ToyConfig, run",
        "",
        f'config = ToyConfig(problem="{problem}", method="{method}", steps=50)',
        f"trajectory = run(config{engine})",
        "print(trajectory.losses[0, -1])",
    )


def as_network(method: str) -> str:
    """Returns code that runs a method on a network, or why none can."""
    if reason := network_refusal(method):
        return f"On networks: {reason}"
    return parts.python(
        "import torch",
        "import mtlcore",
        "",
        "heads = [torch.nn.Linear(8, 1), torch.nn.Linear(8, 1)]",
        f'model = mtlcore.nn.MultiTask(torch.nn.Linear(4, 8), heads, "{method}")',
        "model.backward([p.square().mean() for p in model(torch.randn(16, 4))])",
        "print(model.last.weights)",
    )


def network_refusal(method: str) -> str:
    """Returns the sentence with which a small network refuses a method; nothing where it takes it."""
    import torch

    from mtlcore.nn import MultiTask

    heads = [torch.nn.Linear(2, 1), torch.nn.Linear(2, 1)]
    try:
        MultiTask(torch.nn.Linear(2, 2), heads, method)
    except ValueError as error:
        return str(error)
    return ""
