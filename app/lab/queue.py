"""The queue: what trains now, what waits, what has ended, and what one can do about it."""

import time
from collections.abc import Mapping

import streamlit as st

from app.lab.permission import permission
from app.plain_text import plain
from experiments import launch, store
from experiments.cifar10.config import LabConfig
from experiments.cifar10.turned import in_effect
from experiments.estimate import duration
from experiments.launch import Run

COLOURS = {
    "queued": "gray", "running": "blue", "finished": "green", "failed": "red", "cancelled": "gray",
    "interrupted": "orange", "unreadable": "red",
}  # fmt: skip
WAITING_SHOWN, ENDED_SHOWN = 4, 5
SAID, ALL = "lab:said", "lab:all"


def queue(runs: list[Run]) -> None:
    """Draws the queue, the runs at work first."""
    may = permission().granted and launch.supported()
    live = [run for run in runs if run.state in ("running", "queued")]
    with st.container(horizontal=True, vertical_alignment="center", key="lab-queue-head"):
        st.markdown(f"### Queue :small[:gray[{summary(runs)}]]", width="content")
        if may and len(live) > 1:
            _cancel_all(live)
    shown = list(runs) if st.session_state.get(ALL) else first_ones(runs)
    scores = _scores([run.id for run in shown if run.state == "finished"])
    with st.container(key="lab-queue", gap=None):
        for run in shown:
            _row(run, scores.get(run.id, {}), may)
    if len(runs) > len(first_ones(runs)):
        st.toggle(f"Show all {len(runs)} runs", key=ALL)


def _scores(runs: list[str]) -> Mapping[str, Mapping[str, float]]:
    """Returns the last numbers of the runs, none where the store cannot be read: the page says so below."""
    try:
        return store.latest(runs)
    except store.StoreError:
        return {}


def first_ones(runs: list[Run]) -> list[Run]:
    """Returns the runs at work, the first few that wait and the last few that ended."""
    waiting = [run for run in runs if run.state == "queued"][:WAITING_SHOWN]
    ended = [run for run in runs if run.ended is not None or run.state not in ("running", "queued")]
    return [run for run in runs if run.state == "running"] + waiting + ended[:ENDED_SHOWN]


def summary(runs: list[Run]) -> str:
    """Returns how many runs there are in each state, as "1 running, 3 queued"."""
    counts = {state: sum(run.state == state for run in runs) for state in ("running", *COLOURS)}
    return ", ".join(f"{count} {state}" for state, count in counts.items() if count)


def _cancel_all(live: list[Run]) -> None:
    with st.popover("Cancel all", type="tertiary", icon=":material/stop_circle:", key="lab:cancel-all"):
        st.markdown(f"{len(live)} runs wait or train. What they have saved stays, and each can be resumed.")
        ids = [run.id for run in sorted(live, key=lambda run: -run.place)]
        st.button("Cancel them", type="primary", key="lab:cancel-them", on_click=_do, args=("cancel", *ids))


def _row(run: Run, score: Mapping[str, float], may: bool) -> None:
    with st.container(key=f"lab-run-{run.id}"):
        name, state, verbs = st.columns([4, 5, 3], vertical_alignment="center")
        seed = f" :gray[seed {run.seed}]" if run.config else ""
        name.markdown(f":{COLOURS[run.state]}-badge[{run.state}] **{plain(run.title)}**{seed}")
        with state:
            if run.state == "running":
                st.progress(run.progress, text=plain(standing(run, score)))
            else:
                st.caption(plain(standing(run, score)))
        with verbs, st.container(horizontal=True, horizontal_alignment="right", gap="small"):
            _verbs(run, may)


def standing(run: Run, score: Mapping[str, float]) -> str:
    """Returns how a run stands, in words."""
    if run.state == "running":
        left = "" if run.eta is None else f", {duration(run.eta)} left"
        return f"{run.message or 'starting'}{left}"
    if run.state == "queued":
        hindered = f" · {plain(run.message)}" if run.message else ""
        return ("next in line" if run.place <= 1 else f"{run.place} runs before it") + hindered
    if run.state == "finished":
        mean = f"F1 {score['f1/mean']:.3f} · " if "f1/mean" in score else ""
        still = in_effect(run.config, score) if score else ""
        return f"{mean}{_took(run)} · {run.source}{f' · {still}' if still else ''}"
    if run.state == "unreadable":
        return plain(run.message)
    after = f"after epoch {run.epoch} of {run.epochs}" if run.epoch else "in its first epoch"
    if run.started is None:
        after = "before it began"
    if run.state == "interrupted":
        return f"Its process was gone {after}; Resume goes on from there."
    return f"{after}" if run.state == "cancelled" else run.message


def _verbs(run: Run, may: bool) -> None:
    for verb, icon in (("cancel", "stop_circle"), ("resume", "resume")):
        if may and verb in run.can:
            st.button(
                verb.capitalize(), type="tertiary", icon=f":material/{icon}:", key=f"lab:{verb}:{run.id}",
                on_click=_do, args=(verb, run.id),
            )  # fmt: skip
    more = st.popover(
        "More", type="tertiary", icon=":material/more_horiz:", key=f"lab:more:{run.id}", on_change="rerun"
    )
    if more.open:
        with more:
            _details(run, may)


def _details(run: Run, may: bool) -> None:
    """Draws the log, the command that repeats the run, and the way to delete it."""
    began = f", began {_clock(run.started)}" if run.started else ""
    where = plain(run.device)
    launched = f" on {where}, launched {_clock(run.submitted)}{began}" if run.config else ""
    st.caption(f"`{run.id}`{launched}. Data: {plain(run.source or 'not read yet')}.")
    st.markdown("**Log**")
    st.code(launch.log_tail(run.id) or "Nothing yet.", language=None, height=220)
    if run.config:
        st.markdown("**Again, in a terminal**")
        _command(run)
    if may and "delete" in run.can:
        _delete(run)


def _delete(run: Run) -> None:
    """Draws the button that deletes a run, and once it was pressed the question whether it shall."""
    asked = f"lab:asked:{run.id}"
    if not st.session_state.get(asked):
        st.button(
            "Delete run and checkpoints", icon=":material/delete:", key=f"lab:delete:{run.id}",
            on_click=_ask, args=(asked, True),
        )  # fmt: skip
        return
    st.markdown(
        f"**Delete {plain(run.title)}, seed {run.seed}, for good?** Its curves, its log and its checkpoints go."
    )
    with st.container(horizontal=True):
        st.button("Keep it", key=f"lab:keep:{run.id}", on_click=_ask, args=(asked, False))
        st.button(
            "Delete it", type="primary", icon=":material/delete:", key=f"lab:delete-it:{run.id}",
            on_click=_do, args=("delete", run.id),
        )  # fmt: skip


def _ask(key: str, asking: bool) -> None:
    st.session_state[key] = asking


def _command(run: Run) -> None:
    """Draws the command that repeats the run, or why there is none: another version may know other parameters."""
    try:
        st.code(LabConfig.restored(run.config).command(), language="bash", wrap_lines=True)
    except (TypeError, ValueError) as error:
        st.caption(f"Its configuration is of another version: {plain(str(error))}")


def _took(run: Run) -> str:
    """Returns how long a run took in words; a clock that jumped leaves nothing to say."""
    return "—" if run.took is None else duration(run.took)


def _clock(seconds: float) -> str:
    try:
        return time.strftime("%d %b %H:%M:%S", time.localtime(seconds))
    except (OverflowError, ValueError, OSError):  # no date of any calendar
        return "at an unknown time"


def _do(verb: str, *ids: str) -> None:
    """Cancels, resumes or deletes, if that is still allowed; what went wrong is said above the queue."""
    may = permission()
    said = [] if may.granted else [may.reason]
    for run in ids if may.granted else ():
        try:
            getattr(launch, verb)(run)
        except (ValueError, OSError) as error:
            said.append(str(error))
    st.session_state[SAID] = " ".join(said)
