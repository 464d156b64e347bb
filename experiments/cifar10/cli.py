"""The command line of `python -m experiments.cifar10.train`, made from the configuration's own parameters."""

import argparse
from collections.abc import Sequence
from typing import Any

from experiments.cifar10.config import FIELDS, LabConfig, lab_methods, method_params, option_name
from mtlcore.spec import Param

_TRUE, _FALSE = ("true", "yes", "1"), ("false", "no", "0")


def parse(argv: Sequence[str] | None = None) -> LabConfig:
    """Returns the configuration that the arguments ask for; exits with a sentence for an argument that is
    wrong.
    """
    first = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    first.add_argument("--method", default=LabConfig.method)
    key = first.parse_known_args(argv)[0].method
    parser = _parser(key)
    given = vars(parser.parse_args(argv))
    try:
        names = {param.name for param in _known_params(key)}
        params = {name: given.pop(name) for name in list(given) if name in names}
        return LabConfig(params=params, **given)
    except ValueError as error:
        parser.error(str(error))


def _known_params(key: str) -> tuple[Param, ...]:
    try:
        return method_params(key)
    except ValueError:  # LabConfig says what is wrong with the name
        return ()


def _parser(key: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m experiments.cifar10.train",
        description="Trains ten binary tasks on CIFAR-10 or on synthetic images with one method "
        "of the registry.",
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    parser.add_argument("--method", help=f"one of {', '.join(lab_methods())}, or transform+rule@level")
    parser.add_argument("--device", help="auto, cpu, mps, cuda or cuda:N (default: auto)")
    _add(parser.add_argument_group("run"), FIELDS)
    _add(parser.add_argument_group(f"parameters of {key}"), _known_params(key))
    return parser


def _add(group: Any, params: tuple[Param, ...]) -> None:
    for param in params:
        default = (
            ",".join(map(str, param.default)) or "the method's own"
            if param.kind == "vector"
            else param.default
        )
        text = f"{param.label}. {param.help} (default: {default})".replace("%", "%%")
        group.add_argument(
            f"--{option_name(param)}", dest=param.name, type=_reader(param), metavar=_meta(param), help=text
        )


def _meta(param: Param) -> str:
    return "{" + ",".join(param.choices) + "}" if param.kind == "choice" else param.kind.upper()


def _reader(param: Param) -> Any:
    """Returns the function that reads a parameter's text; the range is the configuration's to check."""

    def read(text: str) -> Any:
        if param.kind == "bool":
            if text.lower() not in _TRUE + _FALSE:
                raise argparse.ArgumentTypeError(f"takes true or false, got {text!r}")
            return text.lower() in _TRUE
        if param.kind == "choice":
            return text
        try:
            if param.kind == "vector":
                return tuple(float(part) for part in text.split(",") if part)
            return int(text) if param.kind == "int" else float(text)
        except ValueError as error:
            wanted = {"vector": "numbers with commas between", "int": "a whole number"}.get(
                param.kind, "a number"
            )
            raise argparse.ArgumentTypeError(f"takes {wanted}, got {text!r}") from error

    return read
