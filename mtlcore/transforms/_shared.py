"""Parameters and symbols that several transforms share."""

from mtlcore.spec import WIDEST, Param

# A network's batch has mean gradients so small that plain steps at the papers' rate turn nothing: their 5e-4 belongs
# to Adam.
LR_ROT = Param(
    "lr_rot", "Rotation learning rate", "float", 0.1, 0.0, 10.0, 0.001, scale="log", network_default=5e-4,
    help="Step size of the rotations' own optimiser: too small and they never align, too large and the network "
    "cannot follow.",
)  # fmt: skip
ROT_DECAY = Param(
    "rot_decay", "Rotation decay", "float", 1.0, 0.9, 1.0, 0.0001,
    help="The rotation learning rate is multiplied by this at every step.",
)  # fmt: skip
M = Param(
    "m", "Subspace size m", "int", -1, -1, WIDEST, 1,
    help="Rotate only the first m feature dimensions; -1 rotates all of them, 0 none.",
)  # fmt: skip
ROT_OPTIMIZER = Param(
    "rot_optimizer", "Rotation optimiser", "choice", "sgd", choices=("sgd", "adam"), network_default="adam",
    help="What turns the rotations: plain gradient steps, or Adam.",
)  # fmt: skip
ROT_INIT = Param(
    "rot_init", "Initial rotations", "choice", "identity", choices=("identity", "haar"),
    help="Identity, or drawn uniformly from the rotation group.",
)  # fmt: skip

ROTATED = r"r_k = [R_k z_{1:m},\; z_{m+1:d}], \quad R_k = R_k(0)\, e^{A_k} \in SO(m)"
RATE = (r"\eta_t^{\mathrm{rot}}", "the learning rate of the transform at step t")
ROTATION = {
    "R": ("R_k", "the rotation of task k"),
    "A": ("A_k", "the free parameters of that rotation: a skew-symmetric matrix, a single angle where m = 2"),
    "SO(m)": ("SO(m)", "the rotations of the first m of z's d dimensions"),
    RATE[0]: RATE,
}
RIGID = {
    "R": ("R_k", "the rotation of task k"),
    "t": ("t_k", "the shift of task k"),
    "g^": (r"g_n^k", "the gradient of task k at what it sees of input n"),
}
