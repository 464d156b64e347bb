"""The same picture as a line of Python."""

from dataclasses import fields

from toy_problems import ToyConfig


def python_call(config: ToyConfig) -> str:
    """Returns the call that computes the configuration's trajectory, defaults left out."""
    plain = ToyConfig(problem=config.problem, method=config.method)
    parts = [f"problem={config.problem!r}", f"method={config.method!r}"]
    params = {name: value for name, value in config.params.items() if value != plain.params[name]}
    if params:
        parts.append(f"params={params!r}")
    for entry in fields(ToyConfig):
        value = getattr(config, entry.name)
        if entry.name not in ("problem", "method", "params") and value != getattr(plain, entry.name):
            parts.append(f"{entry.name}={value!r}")
    return "run(ToyConfig({}))".format(", ".join(parts).replace("'", '"'))


def script(configs: tuple[ToyConfig, ...]) -> str:
    """Returns a script that computes every configuration."""
    return "\n".join(["from toy_problems import ToyConfig, run", "", *map(python_call, configs)])
