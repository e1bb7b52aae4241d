"""train.py BASE LINES OUT MINUTES [RATE]: fine-tunes a recogniser on lines; OUT gets a traineddata every few minutes.

BASE is a folder with the components of a traineddata; each batch is of lines of about one width.
"""

import os

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import subprocess
from collections import Counter
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import NDArray

jax.config.update("jax_compilation_cache_dir", "cache")
jax.config.update("jax_persistent_cache_min_compile_time_secs", 1)

import model
import net
from characters import Alphabet

_WIDTHS: Final = (108, 192, 336, 576, 900)
_PIXELS: Final = 14_000
"""Columns of a batch."""
_NARROWEST: Final = 6
"""Columns a character, at the least."""
_BLANK: Final = 139
_AVERAGE: Final = 0.99
_FREEZE: Final = 0
_EVERY: Final = 240.0
"""Seconds between two exports."""


@dataclass(frozen=True, slots=True)
class Batch:
    images: NDArray[np.int8]
    widths: NDArray[np.int32]
    labels: NDArray[np.int32]
    lengths: NDArray[np.int32]


def batches(folder: Path, alphabet: Alphabet, random: np.random.Generator) -> Iterator[Batch]:
    """Without end: the shard that was read least comes next, among those that are there by then."""
    waiting: dict[int, list[tuple[NDArray[np.int8], list[int]]]] = {width: [] for width in _WIDTHS}
    read: Counter[Path] = Counter()
    while True:
        shards = sorted(folder.glob("*.npz"))
        shard = min(shards, key=lambda path: (read[path], random.random()))
        read[shard] += 1
        for image, codes in _lines(shard, alphabet, random):
            width = next(width for width in _WIDTHS if image.shape[1] <= width)
            waiting[width].append((image, codes))
            if len(waiting[width]) == _PIXELS // width:
                yield _batch(waiting[width], width)
                waiting[width] = []


def _lines(
    shard: Path, alphabet: Alphabet, random: np.random.Generator
) -> Iterator[tuple[NDArray[np.int8], list[int]]]:
    with np.load(shard) as stored:
        pixels, widths, texts = stored["lines"], stored["widths"], stored["texts"]
    ends = np.cumsum(widths)
    for place in random.permutation(len(widths)):
        codes = alphabet.codes(str(texts[place]))
        if codes is not None and len(codes) * _NARROWEST < widths[place]:
            yield pixels[:, ends[place] - widths[place] : ends[place]], codes


def _batch(lines: list[tuple[NDArray[np.int8], list[int]]], width: int) -> Batch:
    images = np.zeros((len(lines), lines[0][0].shape[0], width), np.int8)
    labels = np.zeros((len(lines), width // _NARROWEST), np.int32)
    for row, (image, codes) in enumerate(lines):
        images[row, :, : image.shape[1]] = image
        labels[row, : len(codes)] = codes
    widths = np.array([image.shape[1] for image, _ in lines], np.int32)
    return Batch(images, widths, labels, np.array([len(codes) for _, codes in lines], np.int32))


def loss(weights: net.Weights, batch: tuple[jax.Array, ...], key: jax.Array) -> jax.Array:
    """Connectionist temporal classification (Graves 2006), a character."""
    images, widths, labels, lengths = batch
    count, high, wide = images.shape
    noise = jax.random.uniform(key, (count, high + 2, wide + 2), minval=-1.0, maxval=1.0)
    inside = jnp.arange(wide) < widths[:, None, None]
    shown = jnp.where(inside, images.astype(jnp.float32) / 127, noise[:, 1:-1, 1:-1])
    said = net.logits([net.rounded(matrix) for matrix in weights], shown, widths, noise)
    beyond = (jnp.arange(said.shape[1]) >= widths[:, None] // 3).astype(jnp.float32)
    untold = (jnp.arange(labels.shape[1]) >= lengths[:, None]).astype(jnp.float32)
    costs = optax.ctc_loss(said, beyond, labels, untold, blank_id=_BLANK)
    return costs.sum() / (lengths.sum() + 1)


def export(weights: net.Weights, recogniser: model.Recogniser, base: Path, out: Path, alphabet: Alphabet) -> None:
    """A traineddata with int8 weights, and the float component beside it."""
    model.set_weights(recogniser.network, [np.asarray(matrix, np.float64) for matrix in weights])
    out.mkdir(parents=True, exist_ok=True)
    for path in base.glob("fra.*"):
        if path.suffix != ".traineddata":
            (out / path.name).write_bytes(path.read_bytes())
    (out / "fra.lstm").write_bytes(model.written(recogniser, as_int8=True))
    (out / "float.lstm").write_bytes(model.written(recogniser, as_int8=False))
    alphabet.write(out)
    subprocess.run(["combine_tessdata", str(out / "fra.")], check=True, capture_output=True)


def main(base: Path, folder: Path, out: Path, minutes: float, rate: float) -> None:
    recogniser = model.parsed((base / "fra.lstm").read_bytes())
    alphabet = Alphabet.read(base)
    if not alphabet.extended:
        alphabet.extend(recogniser.network)
    weights = [jnp.asarray(matrix, jnp.float32) for matrix in model.weights(recogniser.network)]
    began, total = time.monotonic(), minutes * 60
    optimiser = optax.inject_hyperparams(optax.adam)(learning_rate=rate, b2=0.995)
    state = optimiser.init(weights)
    average = weights

    @jax.jit
    def step(weights, average, state, batch, key, rate):
        cost, slopes = jax.value_and_grad(loss)(weights, batch, key)
        slopes, _ = optax.clip_by_global_norm(1.0).update(slopes, optax.EmptyState())
        state.hyperparams["learning_rate"] = rate
        changes, state = optimiser.update(slopes, state)
        weights = optax.apply_updates(weights, changes)
        average = [_AVERAGE * old + (1 - _AVERAGE) * new for old, new in zip(average, weights, strict=True)]
        return weights, average, state, cost

    costs, seen, exported = [], 0, began
    for number, batch in enumerate(batches(folder, alphabet, np.random.default_rng(7))):
        share = min(1.0, (time.monotonic() - began) / total)
        now = rate * min(1.0, (number + 1) / 60) * (0.03 + 0.97 * 0.5 * (1 + np.cos(np.pi * share)))
        given = tuple(jnp.asarray(part) for part in (batch.images, batch.widths, batch.labels, batch.lengths))
        weights, average, state, cost = step(weights, average, state, given, jax.random.PRNGKey(number), now)
        costs.append(float(cost))
        seen += len(batch.widths)
        if number % 10 == 0:
            print(
                f"{time.strftime('%H:%M:%S')} {number} lines {seen} loss {np.mean(costs[-30:]):.4f} rate {now:.2e} cpu {time.process_time():.0f}",
                flush=True,
            )
        over = share >= 1.0
        if over or time.monotonic() - exported > _EVERY:
            exported = time.monotonic()
            export(average, recogniser, base, out, alphabet)
        if over:
            return


if __name__ == "__main__":
    main(
        Path(sys.argv[1]),
        Path(sys.argv[2]),
        Path(sys.argv[3]),
        float(sys.argv[4]),
        float(sys.argv[5]) if len(sys.argv) > 5 else 3e-4,
    )
