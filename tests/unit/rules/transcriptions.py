"""The stateful rules once more in plain Python, read off their definitions: no kernels, no shared code.

Each call takes the Gram matrix M, the losses L, and returns the weights.
"""

import math


def norms_of(M):
    return [math.sqrt(M[k][k]) for k in range(len(M))]


def active_of(n):
    return [k for k in range(len(n)) if n[k] > 1e-12 * max(n)]


class FirstLoss:
    """L_k(0): the first positive loss; floored(k, L) is what a rule divides by."""

    def __init__(self):
        self.of = {}

    def see(self, k, loss):
        if k not in self.of and loss > 0:
            self.of[k] = loss

    def floored(self, k, loss):
        return max(loss, 1e-12 * self.of[k]) if k in self.of else None


class Dwa:
    def __init__(self, T, window):
        self.T, self.window, self.history, self.first = T, window, [], FirstLoss()

    def __call__(self, M, L):
        K = len(L)
        full = len(self.history) // self.window
        if full < 2:
            w = [1 / K] * K
        else:
            r = []
            for k in range(K):
                start = (full - 2) * self.window
                calls = [row[k] for row in self.history[start : start + 2 * self.window]]
                before = self.first.floored(k, sum(calls[: self.window]) / self.window)
                last = self.first.floored(k, sum(calls[self.window :]) / self.window)
                r.append(1.0 if before is None else last / before)
            top = max(r)
            e = [math.exp((x - top) / self.T) for x in r]
            w = [x / sum(e) for x in e]
        for k in range(K):
            self.first.see(k, L[k])
        self.history.append(list(L))
        return w


class Uncertainty:
    def __init__(self, lr_s):
        self.lr, self.s = lr_s, None

    def __call__(self, M, L):
        s = self.s = self.s or [0.0] * len(L)
        w = [math.exp(-x) / len(L) for x in s]
        self.s = [x + self.lr * (math.exp(-x) * loss - 1) / 2 for x, loss in zip(s, L, strict=True)]
        return w


class ImtlL:
    def __init__(self, lr_s):
        self.lr, self.s = lr_s, None

    def __call__(self, M, L):
        s = self.s = self.s or [0.0] * len(L)
        e = [math.exp(x) for x in s]
        self.s = [x - self.lr * (math.exp(x) * loss - 1) for x, loss in zip(s, L, strict=True)]
        return [x / sum(e) for x in e]


class GradNorm:
    def __init__(self, alpha, lr_v, reference):
        self.alpha, self.lr, self.reference = alpha, lr_v, reference
        self.v, self.first = None, FirstLoss()

    def __call__(self, M, L):
        v = self.v = self.v or [1.0] * len(L)
        n = norms_of(M)
        tasks = active_of(n)
        K = len(tasks)
        w = [v[k] / K if k in tasks else 0.0 for k in range(len(L))]
        for k in tasks:
            self.first.see(k, L[k])
        share = {
            k: self.first.floored(k, L[k]) / self.first.of[k] if k in self.first.of else 1.0 for k in tasks
        }
        mean = sum(share.values()) / K
        if self.reference == "mean_norm":
            nbar = sum(v[k] * n[k] for k in tasks) / K
        else:
            nbar = math.sqrt(sum(v[i] * v[j] * M[i][j] for i in tasks for j in tasks)) / K
        moved = {}
        for k in tasks:
            gap = v[k] * n[k] - nbar * (share[k] / mean) ** self.alpha
            sign = 0 if abs(gap) < 1e-12 * nbar else math.copysign(1, gap)
            moved[k] = max(v[k] - self.lr * n[k] * sign / nbar, 1e-3)
        for k in tasks:
            v[k] = moved[k] * K / sum(moved.values())
        return w


class RotogradScale:
    def __init__(self, burn_in):
        self.burn_in, self.step, self.n0 = burn_in, 0, {}

    def __call__(self, M, L):
        n = norms_of(M)
        tasks = active_of(n)
        for k in tasks:
            if k not in self.n0 or (self.burn_in and self.step == self.burn_in):
                self.n0[k] = n[k]
        self.step += 1
        ratio = {k: n[k] / self.n0[k] for k in tasks}
        C = sum(ratio[k] / sum(ratio.values()) * n[k] for k in tasks)
        return [C / (len(tasks) * n[k]) if k in tasks else 0.0 for k in range(len(n))]


class Famo:
    def __init__(self, lr_xi, gamma):
        self.lr, self.gamma, self.first = lr_xi, gamma, FirstLoss()
        self.xi = self.m = self.v = self.due = None
        self.steps = 0

    def softmax(self):
        e = [math.exp(x) for x in self.xi]
        return [x / sum(e) for x in e]

    def learn(self, L):
        z, K = self.softmax(), len(self.xi)
        now = [self.first.floored(k, L[k]) for k in range(K)]
        fell = [math.log(a) - math.log(b) if a and b else 0.0 for a, b in zip(self.due, now, strict=True)]
        self.steps += 1
        for k in range(K):
            g = sum(z[j] * ((j == k) - z[k]) * fell[j] for j in range(K)) + self.gamma * self.xi[k]
            self.m[k] = 0.9 * self.m[k] + 0.1 * g
            self.v[k] = 0.999 * self.v[k] + 0.001 * g * g
            mean, square = self.m[k] / (1 - 0.9**self.steps), self.v[k] / (1 - 0.999**self.steps)
            self.xi[k] -= self.lr * mean / (math.sqrt(square) + 1e-8)
        self.due = None

    def __call__(self, M, L, after=None):
        K = len(L)
        if self.xi is None:
            self.xi, self.m, self.v = [0.0] * K, [0.0] * K, [0.0] * K
        for k in range(K):
            self.first.see(k, L[k])
        if self.due is not None:
            self.learn(L)
        self.due = [self.first.floored(k, L[k]) for k in range(K)]
        q = [z / x if x else 0.0 for z, x in zip(self.softmax(), self.due, strict=True)]
        if after is not None:
            for k in range(K):
                self.first.see(k, after[k])
            self.learn(after)
        return [x / sum(q) for x in q]


class Stch:
    def __init__(self, mu, warmup):
        self.mu, self.warmup, self.seen, self.first = mu, warmup, [], FirstLoss()

    def __call__(self, M, L):
        K = len(L)
        for k in range(K):
            self.first.see(k, L[k])
        x = [self.first.floored(k, L[k]) for k in range(K)]
        q = [1 / a if a else 0.0 for a in x]
        if len(self.seen) >= self.warmup:
            nadir = [self.first.floored(k, sum(row[k] for row in self.seen) / self.warmup) for k in range(K)]
            e = [(a / b) ** (1 / self.mu) if a else 0.0 for a, b in zip(x, nadir, strict=True)]
            q = [a * b for a, b in zip(q, e, strict=True)]
        else:
            self.seen.append(list(L))
        return [a / sum(q) for a in q]
