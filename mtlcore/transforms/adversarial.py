"""A discriminator that guesses the task from its gradient (after Maninis et al. 2019)."""

from typing import TYPE_CHECKING

from mtlcore.spec import Param, TransformSpec
from mtlcore.streams import Stream
from mtlcore.transforms.readable import Readable, Seen

if TYPE_CHECKING:
    from torch import Tensor

HIDDEN = 32  # units of the discriminator

LAM = Param(
    "lam", "Adversarial weight", "float", 0.1, 0.0, 10.0, 0.01,
    help="How much the shared parameters give for feature gradients that do not betray their task; 0 gives nothing.",
)  # fmt: skip
LR_DISC = Param(
    "lr_disc", "Discriminator learning rate", "float", 1e-3, 1e-6, 1.0, 1e-4, scale="log",
    help="Step size of the discriminator's Adam.",
)  # fmt: skip


class _Readable(Readable):
    """The discriminator: two layers on the unit feature gradient, trained by its own Adam."""

    differentiates_gradients = True

    def begin(self, R: "list[Tensor]", seed: int) -> None:
        """Draws the two layers as torch's Linear does."""
        import torch

        stream, sizes = Stream(seed, 0, 2), ((HIDDEN, self.d), (len(R), HIDDEN))
        shapes = [(shape, inputs) for n, inputs in sizes for shape in ((n, inputs), (n,))]
        drawn = [stream.uniform(-1.0, 1.0, shape) / inputs**0.5 for shape, inputs in shapes]
        self.weights = [torch.tensor(array, requires_grad=True) for array in drawn]
        self.optimiser = torch.optim.Adam(self.weights, lr=self.values["lr_disc"])

    def cross_entropy(self, G: "Tensor") -> "Tensor":
        """Returns the mean cross-entropy of the guesses for gradients [K, N, d], each point's made a unit vector."""
        import torch

        W1, b1, W2, b2 = self.weights
        length = G.norm(dim=-1, keepdim=True)
        guesses = torch.relu(G / torch.where(length > 0, length, 1.0) @ W1.T + b1) @ W2.T + b2
        truth = torch.arange(len(G)).repeat_interleave(G.shape[1])
        return torch.nn.functional.cross_entropy(guesses.flatten(0, 1), truth)

    def force(self, G: "list[Tensor]", z: "Tensor") -> "Tensor":
        """Returns -lam times the cross-entropy's gradient at z; differentiates it for the discriminator too."""
        import torch

        loss = self.cross_entropy(torch.stack(G))
        self.optimiser.zero_grad()
        loss.backward(inputs=self.weights, retain_graph=True)
        (at_z,) = torch.autograd.grad(loss, z, retain_graph=True, allow_unused=True)
        return -self.values["lam"] * (torch.zeros_like(z) if at_z is None else at_z)

    def learn(self, seen: Seen) -> None:
        """Takes one step of the discriminator."""
        self.optimiser.step()


SPEC = TransformSpec(
    "adversarial", "Adversarial", r"r_k = z, \quad \min_\theta \sum_k w_k L_k - \lambda\, \mathrm{CE}(q)",
    "A small discriminator guesses the task from the direction of its gradient; the shared parameters learn to "
    "keep it guessing, by double backpropagation.",
    "After Maninis et al. 2019", (LAM, LR_DISC),
    objective=r"\min_q \mathrm{CE}(q) = -\operatorname{mean}_{n,k} \log q(k \mid \bar g_{n,k})",
    notation={
        "q": ("q", "the discriminator's guess of the task"),
        r"\bar g": (r"\bar g_{n,k}", "the unit gradient of task k at the feature of input n"),
        r"\lambda": (r"\lambda", "the adversarial weight"),
        r"\mathrm{CE}": (r"\mathrm{CE}", "the cross-entropy of that guess"),
    },
    compiled="needs second derivatives, which only the slower reference engine has",
    readable=_Readable,
    network="adversarial is defined by double backpropagation through the toy reference engine and is not "
    "offered for networks: choose another transform.",
)  # fmt: skip
