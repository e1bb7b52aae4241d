"""Fine-tunes a recogniser on lines: python -m training.train BASE LINES OUT MINUTES [RATE].

BASE is a folder with the components of a traineddata; OUT gets such a folder every few minutes, and the traineddata.
"""

import os

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import subprocess
import sys
import time
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, Final

import jax  # type: ignore[import-not-found]  # not in the lock: training alone wants it
import jax.numpy as jnp  # type: ignore[import-not-found]
import numpy as np
import optax  # type: ignore[import-not-found]

from training import recogniser
from training.batches import Batch, batches
from training.characters import BLANK, Alphabet
from training.network import Weights, logits, rounded
from training.quiet import wait_while_quiet
from training.recogniser import Recogniser

_AVERAGE: Final = 0.99
"""Of the weights that are kept, what stays at each step."""
_EVERY: Final = 300.0
"""Seconds between two exports."""
_WARM, _LAST = 60, 0.03
"""Steps until the rate is reached; what is left of it at the end (half a cosine in between)."""
_TOLD: Final = 20
_POOLED: Final = 3
"""Columns of an image that the network makes one step of."""


@dataclass(slots=True)
class Trained:
    """What is learnt and what stays as it is."""

    base: Path
    recogniser: Recogniser
    alphabet: Alphabet

    @classmethod
    def of(cls, base: Path) -> "Trained":
        """The component as float where an export left it, else as int8; with the characters that it lacked."""
        finer = base / "float.lstm"
        read = recogniser.parsed((finer if finer.is_file() else base / "fra.lstm").read_bytes())
        alphabet = Alphabet.read(base)
        if not alphabet.extended:
            alphabet.extend(read.network)
        return cls(base, read, alphabet)

    @property
    def weights(self) -> Weights:
        return [jnp.asarray(matrix, jnp.float32) for matrix in recogniser.weights(self.recogniser.network)]

    def export(self, weights: Weights, out: Path) -> None:
        """A traineddata with int8 weights, its components, and the network as float beside them."""
        recogniser.set_weights(self.recogniser.network, [np.asarray(matrix, np.float64) for matrix in weights])
        out.mkdir(parents=True, exist_ok=True)
        for path in self.base.glob("fra.*"):
            if path.suffix != ".traineddata":
                (out / path.name).write_bytes(path.read_bytes())
        (out / "fra.lstm").write_bytes(recogniser.written(self.recogniser, as_int8=True))
        (out / "float.lstm").write_bytes(recogniser.written(self.recogniser, as_int8=False))
        self.alphabet.write(out)
        subprocess.run(["combine_tessdata", f"{out}/fra."], check=True, capture_output=True)  # noqa: S607  Debian's


def loss(weights: Weights, batch: tuple[jax.Array, ...], key: jax.Array) -> jax.Array:
    """Connectionist temporal classification (Graves 2006), a character; weights as int8 would have them."""
    images, widths, labels, lengths = batch
    count, high, wide = images.shape
    noise = jax.random.uniform(key, (count, high + 2, wide + 2), minval=-1.0, maxval=1.0)
    inside = jnp.arange(wide) < widths[:, None, None]
    shown = jnp.where(inside, images.astype(jnp.float32) / 127, noise[:, 1:-1, 1:-1])
    said = logits([rounded(matrix) for matrix in weights], shown, widths, noise)
    beyond = (jnp.arange(said.shape[1]) >= widths[:, None] // _POOLED).astype(jnp.float32)
    untold = (jnp.arange(labels.shape[1]) >= lengths[:, None]).astype(jnp.float32)
    costs = optax.ctc_loss(said, beyond, labels, untold, blank_id=BLANK)
    return costs.sum() / (lengths.sum() + 1)


class Training:
    """Adam, its weights and their moving average."""

    def __init__(self, weights: Weights, rate: float) -> None:
        self._rate, self._number = rate, 0
        self._weights, self.average = weights, weights
        optimiser = optax.inject_hyperparams(optax.adam)(learning_rate=rate, b2=0.995)
        self._state: Any = optimiser.init(weights)
        self._step = _compiled(optimiser)

    def learn(self, batch: Batch, share: float) -> float:
        """One step; `share`: of the time that is over. Gives the loss."""
        self._number += 1
        rate = self._rate * min(1.0, self._number / _WARM) * (_LAST + (1 - _LAST) * (1 + np.cos(np.pi * share)) / 2)
        given = tuple(jnp.asarray(part) for part in astuple(batch))
        key = jax.random.PRNGKey(self._number)
        learnt = self._step(self._weights, self.average, self._state, given, key, rate)
        self._weights, self.average, self._state, cost = learnt
        return float(cost)


def _compiled(optimiser: Any) -> Any:
    clip = optax.clip_by_global_norm(1.0)

    def step(weights: Weights, average: Weights, state: Any, batch: Any, key: jax.Array, rate: float) -> Any:
        cost, slopes = jax.value_and_grad(loss)(weights, batch, key)
        slopes, _ = clip.update(slopes, optax.EmptyState())
        state.hyperparams["learning_rate"] = rate
        changes, state = optimiser.update(slopes, state)
        weights = optax.apply_updates(weights, changes)
        average = [_AVERAGE * old + (1 - _AVERAGE) * new for old, new in zip(average, weights, strict=True)]
        return weights, average, state, cost

    return jax.jit(step)


def main(base: Path, folder: Path, out: Path, minutes: float, rate: float = 3e-4) -> None:
    trained = Trained.of(base)
    training = Training(trained.weights, rate)
    began = exported = time.monotonic()
    costs: list[float] = []
    for batch in batches(folder, trained.alphabet, np.random.default_rng(7)):
        wait_while_quiet()
        share = min(1.0, (time.monotonic() - began) / minutes / 60)
        costs.append(training.learn(batch, share))
        if len(costs) % _TOLD == 0:
            sys.stdout.write(f"{time.strftime('%H:%M:%S')} {len(costs)} steps, loss {np.mean(costs[-50:]):.4f}\n")
            sys.stdout.flush()
        if share >= 1.0 or time.monotonic() - exported > _EVERY:
            exported = time.monotonic()
            trained.export(training.average, out)
        if share >= 1.0:
            return


if __name__ == "__main__":
    jax.config.update("jax_compilation_cache_dir", "cache")
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), *(float(one) for one in sys.argv[4:]))
