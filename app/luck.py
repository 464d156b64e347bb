"""How often a view's outcome holds over seeds: what rests on a draw says on how many draws it would rest as well."""

from dataclasses import dataclass

import streamlit as st

from app.runs import identity
from app.view import View
from mtlcore.metrics import wilson_interval
from mtlcore.registry import method_spec
from toy_problems import PROBLEMS, ToyConfig, sweep

SEEDS = 100


@dataclass(frozen=True)
class Luck:
    """How many of `seeds` seeds a method solves, from every start of the view."""

    title: str
    solved: int
    seeds: int

    @property
    def interval(self) -> tuple[float, float]:
        """Returns the 95 % interval of the share of seeds that it solves, two numbers from 0 to 1."""
        return wilson_interval(self.solved, self.seeds)

    @property
    def words(self) -> str:
        """Returns the count and its interval, as "RotoGrad 39 (30 to 49 %)"."""
        low, high = (round(100 * end) for end in self.interval)
        return f"{self.title} {self.solved} ({low} to {high}\u00a0%)"


def rests_on_seed(view: View) -> bool:
    """Returns whether the outcome depends on the seed: a network is drawn from it, a bare point is not."""
    return PROBLEMS[view.problem].backbone


def lucks(view: View) -> tuple[Luck, ...]:
    """Returns how many seeds each of the view's methods solves, with everything else as chosen."""
    return tuple(Luck(method_spec(key).title, solved_seeds(view.config(key)), SEEDS) for key in view.methods)


def solved_seeds(config: ToyConfig) -> int:
    """Returns how many of the first `SEEDS` seeds end solved from every start."""
    return _solved_seeds(identity(config), config)


@st.cache_resource(max_entries=256, show_spinner=False)
def _solved_seeds(key: str, _config: ToyConfig) -> int:
    return int(sweep(_config, {}, range(SEEDS)).success.all(axis=-1).sum())


def luck_sentence(view: View) -> str:
    """Returns one sentence with every method's count, "" where nothing rests on a seed."""
    if not rests_on_seed(view):
        return ""
    counts = [luck.words for luck in lucks(view)]
    starts = "" if view["starts"] == "random" else "from every start "
    return (
        f"This is seed {view['seed']}. Of {SEEDS} seeds at these settings are solved {starts}by "
        f"{', '.join(counts)}; in brackets the 95 % interval."
    )
