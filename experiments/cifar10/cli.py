"""The command line of `python -m experiments.cifar10.train`, made from the configuration's own parameters."""

import argparse
import sys
from collections.abc import Sequence

from experiments.cifar10.config import FIELDS, LabConfig, lab_methods, method_params
from mtlcore.command_line import add_options, read_options
from mtlcore.param import sentence_of
from mtlcore.spec import Param


def parse(argv: Sequence[str] | None = None) -> LabConfig:
    """Returns the configuration that the arguments ask for; ends the program with a sentence for a wrong one."""
    first = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    first.add_argument("--method", default=LabConfig.method)
    key = first.parse_known_args(argv)[0].method
    given = vars(_parser(key).parse_args(argv))
    try:
        own, fields = read_options(_known_params(key), given), read_options(FIELDS, given)
        named = {name: given[name] for name in ("method", "device") if name in given}
        return LabConfig(params=own, **fields, **named)
    except ValueError as error:
        sys.stderr.write(f"{sentence_of(error)}\n")
        sys.exit(2)


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
    parser.add_argument(
        "--method", help=f"one of {', '.join(lab_methods())}, or transform+[modifier-]rule@level"
    )
    parser.add_argument("--device", help="auto, cpu, mps, cuda or cuda:N (default: auto)")
    add_options(parser.add_argument_group("run"), FIELDS, dashes=True)
    add_options(parser.add_argument_group(f"parameters of {key}"), _known_params(key), dashes=True)
    return parser
