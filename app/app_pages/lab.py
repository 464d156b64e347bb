"""The Lab: runs launched on the left train in the background; here is how they stand and what they show."""

import streamlit as st

from app.lab.groups import groups
from app.lab.permission import permission
from app.lab.queue import SAID, queue
from app.lab.results import choose_group, comparison, curves
from app.lab.sidebar import sidebar
from app.pages import Page
from app.plain_text import plain
from experiments import launch, paths, store
from experiments.cifar10 import data
from experiments.launch import devices

PAGE = Page("Lab", ":material/science:", 4)

EVERY = 2  # seconds between two looks
EMPTY = (
    "**No runs yet.** Choose methods in the panel on the left and press *Launch*: they train in the background, "
    "and curves and a table like the paper's wait for you here when you come back."
)
NOTHING = "**No runs yet.** What is trained on this machine shows here."


def heading() -> None:
    """Says what this is, where it would train and which images there are."""
    st.markdown("## Ten tasks on CIFAR-10")
    place = data.find()
    images = "CIFAR-10 is in the data folder" if place else "CIFAR-10 is fetched on first use (170 MB)"
    st.caption(
        f"One ResNet-18, one binary task for each class, after Javaloy & Valera 2021, section 6.2. "
        f"Trains on {plain(where())}. {images}; synthetic images need no download."
    )


def where() -> str:
    """Returns the devices in words: CUDA, Apple's MPS, the CPU, or a cluster."""
    if address := paths.ray_address():
        return f"the Ray cluster at {address}"
    found = devices.devices()
    if found[0].name == "cpu":
        return f"the CPU, for there is no CUDA or Apple GPU here ({found[0].title})"
    kind = "MPS" if found[0].name == "mps" else "CUDA"
    return f"{kind}: {', '.join(f'{device.title} ({device.name})' for device in found)}"


@st.fragment(run_every=EVERY)
def watch() -> None:
    """Draws everything that changes by itself; every look reads the disk, so all browsers see the same."""
    if reason := launch.unsupported_reason() or _trouble(paths.ray_address()):
        st.warning(plain(reason), icon=":material/cloud_off:")
    if said := st.session_state.get(SAID):
        st.error(plain(said), icon=":material/error:")
    try:
        runs = launch.queue()
        if not runs:
            st.info(NOTHING if permission().hidden else EMPTY, icon=":material/science:")
            return
        queue(runs)
        if found := groups(store.runs()):
            _results(found)
    except (OSError, ValueError) as error:
        st.error(plain(str(error)), icon=":material/error:")


def _results(found: list) -> None:
    group = choose_group(found)
    curves(group)
    table = next((table for table in store.tables() if table.key == group.key and table.rows), None)
    if table is not None:
        comparison(table)


@st.cache_data(ttl=10, show_spinner=False)
def _trouble(address: str) -> str:
    """A cluster that does not answer takes seconds to say so: it is not asked at every look."""
    return launch.trouble() if address else ""


@st.cache_resource(show_spinner=False)
def _prepared(database: str) -> bool:
    """Has the store made, once for a server: a person needs longer to choose than MLflow to make its tables."""
    launch.prepare()
    return True


with st.container(key="heading"):
    heading()
if not permission().hidden:
    _prepared(str(paths.database()))
    with st.sidebar:
        sidebar()
watch()
