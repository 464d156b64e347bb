"""`MultiTask`: any backbone, any heads, any method."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from mtlcore.nn import checks
from mtlcore.nn.build import build_transform
from mtlcore.nn.compilation import check_not_exported, refuse_compilation
from mtlcore.nn.deployment import deployed
from mtlcore.nn.gathering import Gathering
from mtlcore.nn.head_entry import apply_heads, enter_heads
from mtlcore.nn.levels import checked_level
from mtlcore.nn.loss_scale import check_scaler, loss_scale
from mtlcore.nn.micro_batch import Forward
from mtlcore.nn.parts import Parts
from mtlcore.nn.processes import Processes
from mtlcore.nn.report import BackwardReport
from mtlcore.nn.saving import extra_state, from_recipe, load_extra_state, recipe
from mtlcore.nn.turning import Turning
from mtlcore.nn.writing import add_to_grad
from mtlcore.preferences import check_count
from mtlcore.registry import Method
from mtlcore.registry import method as method_of
from mtlcore.rule_object import rule as rule_of


class MultiTask(nn.Module):
    """A network with one shared backbone and one head per task, trained by a gradient-balancing method.

    `forward(x)` returns the K predictions; `backward(losses)` then takes the place of `loss.backward()`.

    backbone: returns one tensor z, [N, d] or [N, d, H, W] for a method that transforms z, else of any shape.
    heads: a sequence or a mapping of modules, one per task; predictions are returned in the same form.
    method: a name ("rotograd", "rotation+cagrad@features") or what `mtlcore.method` returns.
    d: the feature dimension; needed where the first layers of the heads do not show it.
    feature_dim: the dimension of z along which its d coordinates lie.
    preferences: how much each task counts, K numbers of which only the ratios matter; with None all count the same.
    The rule and the heads follow them. A rule that takes no preferences raises an error that says why.
    last_shared: the module of the backbone (or its name) at which the level `last_shared` measures gradients; by
    default the last one with a weight matrix.
    parametrization: of rotations, `retraction` (fast) or `expm` (as published).
    seed: of the random numbers that the rule and the initial rotations draw.
    process_group: the processes that train together; by default all, where torch.distributed is in use.
    """

    def __init__(
        self,
        backbone: nn.Module,
        heads: Sequence[nn.Module] | Mapping[str, nn.Module],
        method: str | Method = "uniform",
        *,
        d: int | None = None,
        feature_dim: int = 1,
        last_shared: str | nn.Module | None = None,
        preferences: Sequence[float] | None = None,
        parametrization: str = "retraction",
        seed: int = 0,
        process_group: Any = None,
    ) -> None:
        super().__init__()
        checks.check_parts(backbone, method, d, feature_dim, last_shared)
        self.names, modules = checks.check_heads(heads)
        self.tasks = len(modules)
        self._named = isinstance(heads, (Mapping, nn.ModuleDict))
        self.method = (method_of(method) if isinstance(method, str) else method).on_networks()
        counted = checks.one_of("preferences", preferences, self.method.preferences)
        self.rule = rule_of(self.method.spec.rule_key, seed, counted, **self.method.rule_params)
        self.rule.spec.check_tasks(self.rule.params, self.tasks)
        check_count(self.rule.given_preferences, self.tasks, "MultiTask")
        self.level = self.method.level
        level = checked_level(self.rule.spec, self.level)
        self.backbone = backbone
        self.heads = nn.ModuleList(modules)
        like = next(
            (p for p in self.parameters() if not is_lazy(p) and p.is_floating_point()), torch.zeros(())
        )
        self.transform = build_transform(
            self.method, modules, d, feature_dim, parametrization, seed, like.detach()
        )
        self._last_shared = level.find_module(backbone, last_shared)
        self.processes = Processes(process_group)
        self.last: BackwardReport | None = None
        self._loss_check = checks.LossCheck()
        self._alike = False
        self._forward: Forward | None = None
        self._gathering: Gathering | None = None

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Returns the predictions: a list in the order of the heads, or a dictionary if the heads were given as one.

        All arguments are passed to the backbone. Raises TypeError for a backbone that returns no floating-point
        tensor, ValueError for parts on different devices or another d than the transform's, RuntimeError for
        a head that changes its input in place, and under torch.compile or torch.export.
        """
        check_not_exported()
        if torch.compiler.is_compiling():
            refuse_compilation()
        if not self._alike:
            self.processes.start_alike(self)
            self._alike = True
        views = self._views(self.backbone(*args, **kwargs))
        predictions = apply_heads(self.heads, views, self.names)
        return dict(zip(self.names, predictions, strict=True)) if self._named else predictions

    def _views(self, feature: Tensor) -> list[Tensor]:
        """Returns the view of each head; keeps the views and the feature for `backward`."""
        checks.check_feature(feature)
        checks.check_devices(feature, list(self.heads), self.names)
        self.transform.check(feature)
        if not torch.is_grad_enabled():
            return self.transform.views(feature)
        views = enter_heads(self.transform.views(feature.detach()))
        self._forward = Forward(feature, views)
        return views

    def backward(
        self,
        losses: Sequence[Tensor | None] | Mapping[str, Tensor | None],
        accumulate: int = 1,
        losses_after: Sequence[float | None] | None = None,
        scaler: torch.amp.GradScaler | None = None,
    ) -> None:
        """Adds gradients to `.grad` of the backbone, the heads and the transform. Call it once after each forward.

        losses: K scalar tensors, each made from the prediction of its own task in the last forward, in the order of
        the heads or in a dictionary by task name. None stands for a task that is absent because no sample has its
        label. The rule is then applied to the tasks present, and head, transform and state of the absent task do not
        change. If all tasks are absent, nothing is written.
        accumulate: the number of calls that count as one batch of equally large parts. Only the last of them writes.
        A task that is absent from some parts has no gradient there, and its loss is the mean over the others.
        losses_after: the losses of the last batch after the step, for a rule that can use them (FAMO).
        scaler: a torch.amp.GradScaler, which this method applies itself. Pass the losses as they are, then step every
        optimiser, that of the transform too, with scaler.step, and call scaler.update. Rules see unscaled losses and
        gradients. Where a loss or a gradient is not finite, all of `.grad` becomes infinite, so that the scaler skips
        the step. The state of the rule and the transform do not change, and `last.overflow` is true.
        No optimiser is stepped here. `last` then reports what was done.

        Raises RuntimeError without a new forward. Raises TypeError or ValueError for another number of losses than K,
        and one that names the task for a loss that is not scalar, not finite, on another device or independent of z,
        or for a gradient that is not finite. `.grad`, the state of the rule and the transform are then as before.
        """
        check_scaler(scaler)
        forward, self._forward = self._forward, None
        if forward is None:
            raise RuntimeError(
                "backward takes one forward before each call: there was none since the last backward."
            )
        given = checks.check_losses(losses, self.names, forward.feature.device)
        gathering = self._begin(accumulate, loss_scale(scaler, forward.feature.device))
        self._gathering = None
        try:
            gathering.add(forward, given, losses_after)
            if not gathering.complete:
                self._gathering = gathering
                return
            pairs, self.last = gathering.finish(losses_after)
        except BaseException:
            gathering.undo()
            raise
        add_to_grad(pairs)

    def _begin(self, count: int, scale: float | None) -> Gathering:
        checks.check_accumulate(count)
        if self._gathering is None:
            return Gathering(self._parts(), self.level, count, scale)
        self._gathering.check_goes_on(count, scale)
        return self._gathering

    def _parts(self) -> Parts:
        """Returns the current parts of the model that a backward works on."""
        return Parts(
            names=self.names,
            rule=self.rule,
            transform=self.transform,
            turning=Turning(self.transform, self.method.spec.key),
            processes=self.processes,
            loss_check=self._loss_check,
            shared=self.shared_parameters(),
            watched=self.last_shared_parameters(),
            modules=self._modules,
            own=self._parameters,
        )

    def shared_parameters(self) -> list[nn.Parameter]:
        """Returns the trained parameters of the backbone: the weights of the rule act on their gradients."""
        return [parameter for parameter in self.backbone.parameters() if parameter.requires_grad]

    def last_shared_parameters(self) -> list[nn.Parameter]:
        """Returns the trained parameters of the module that the level `last_shared` measures at; else none."""
        if self._last_shared is None:
            return []
        module = self.backbone.get_submodule(self._last_shared)
        return [parameter for parameter in module.parameters() if parameter.requires_grad]

    def network_parameters(self) -> Iterator[nn.Parameter]:
        """Returns the parameters of the backbone and the heads, each once."""
        own = {id(parameter) for parameter in self.transform.parameters()}
        return (parameter for parameter in self.parameters() if id(parameter) not in own)

    def transform_parameters(self) -> Iterator[nn.Parameter]:
        """Returns the transform's parameters, if any, which take a learning rate of their own."""
        return self.transform.parameters()

    def transform_optimizer(
        self, lr: float | None = None
    ) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler] | None:
        """Returns the transform's optimiser and its decay, both to be stepped once a step; None without one.

        lr: by default the method's lr_rot. What the method was not given has the networks' defaults: Adam at 5e-4.
        """
        parameters = list(self.transform_parameters())
        if not parameters:
            return None
        given, spec = self.method.transform_params, self.method.spec.transform_spec
        kind = torch.optim.Adam if given[spec.optimizer] == "adam" else torch.optim.SGD
        optimizer = kind(parameters, lr=given[spec.learning_rate] if lr is None else lr)
        return optimizer, torch.optim.lr_scheduler.ExponentialLR(optimizer, given[spec.rate_decay])

    def task(self, k: int | str) -> nn.Sequential:
        """Returns the network of one task as a plain nn.Sequential of copies: backbone, transform, head.

        Raises ValueError where there is no such task.
        """
        names: list[Any] = list(range(self.tasks)) if isinstance(k, int) else self.names
        if k not in names:
            raise ValueError(f"task takes one of {', '.join(self.names)}, got {k!r}.")
        number = names.index(k)
        return deployed(self.backbone, self.transform.deployed(number), self.heads[number])

    def get_extra_state(self) -> dict[str, Any]:
        """Returns the state of the rule, as tensors and numbers, and the initial rotations, for `state_dict`."""
        return extra_state(self.rule, self.transform)

    def set_extra_state(self, state: dict[str, Any]) -> None:
        """Restores what `get_extra_state` returned. Raises ValueError where it is the state of another rule."""
        load_extra_state(self.rule, self.transform, state)

    def __getstate__(self) -> dict[str, Any]:
        """Returns what copies and pickles hold: no graphs, and of method and rule their names, values and state."""
        return {**self.__dict__, **recipe(self.method, self.rule), "_forward": None, "_gathering": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restores what `__getstate__` returned."""
        super().__setstate__({**state, "method": None, "rule": None})
        self.method, self.rule = from_recipe(state)
