"""The recogniser's network in JAX, for training in batches; weights as `model.weights` lists them."""

from typing import Any

import jax  # type: ignore[import-not-found]  # not in the lock: training alone wants it
import jax.numpy as jnp  # type: ignore[import-not-found]

Weights = list[jax.Array]


def rounded(matrix: jax.Array) -> jax.Array:
    """As int8 would store each row; its gradient is that of the unrounded one."""
    scale = jnp.abs(matrix).max(axis=1, keepdims=True) / 127
    stored = jnp.round(matrix / jnp.where(scale == 0, 1, scale)) * scale
    return matrix + jax.lax.stop_gradient(stored - matrix)


def logits(weights: Weights, images: jax.Array, widths: jax.Array, noise: jax.Array) -> jax.Array:
    """Of each line T x classes. `images`: N x 36 x W, noise beyond the width; `noise`: N x 38 x (W + 2), around."""
    convolution, column, forth, back, again, output = (
        weights[0],
        weights[1:5],
        weights[5:9],
        weights[9:13],
        weights[13:17],
        weights[17],
    )
    count, high, wide = images.shape
    framed = noise.at[:, 1:-1, 1:-1].set(images)
    around = jnp.stack([framed[:, y : y + high, x : x + wide] for x in range(3) for y in range(3)], -1)
    features = jnp.tanh(around @ convolution[:, :-1].T + convolution[:, -1])
    steps = wide // 3
    pooled = features[:, :, : steps * 3].reshape(count, high // 3, 3, steps, 3, -1).max((2, 4))
    inner = pooled.transpose(1, 0, 2, 3).reshape(high // 3, count * steps, -1)
    line = _lstm(column, inner)[-1].reshape(count, steps, -1).transpose(1, 0, 2)
    inside = (jnp.arange(steps)[:, None] < widths // 3)[:, :, None].astype(line.dtype)
    line = _lstm(forth, line)
    line = _lstm(back, line[::-1], inside[::-1])[::-1]
    line = _lstm(again, line)
    return (line @ output[:, :-1].T + output[:, -1]).transpose(1, 0, 2)


def _lstm(gates: Weights, line: jax.Array, inside: jax.Array | None = None) -> jax.Array:
    """Line: T x N x inputs. State and output stay zero where `inside` is."""
    states = gates[0].shape[0]
    whole = jnp.concatenate(gates)
    inputs = line.shape[-1]
    given = line @ whole[:, :inputs].T + whole[:, -1]
    recurrent = whole[:, inputs:-1].T

    def step(carried: Any, now: Any) -> tuple[Any, jax.Array]:
        state, out = carried
        values, mask = now
        cell, entry, keep, leave = jnp.split(values + out @ recurrent, 4, axis=-1)
        state = jax.nn.sigmoid(keep) * state + jnp.tanh(cell) * jax.nn.sigmoid(entry)
        state = jnp.clip(state, -100, 100) * mask
        out = jnp.tanh(state) * jax.nn.sigmoid(leave) * mask
        return (state, out), out

    nothing = jnp.zeros((line.shape[1], states), line.dtype)
    masks = jnp.ones((line.shape[0], 1, 1), line.dtype) if inside is None else inside
    return jax.lax.scan(step, (nothing, nothing), (given, masks))[1]
