"""The network of a Tesseract LSTM recogniser: read, made float, made int8 again (Tesseract 5, `lstm` component).

Layers of the French models: convolution 3 x 3 with tanh, max pooling 3 x 3, an LSTM down each column,
then forward, backward and forward LSTMs along the line, and a softmax over the characters and a blank.
"""

import struct
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_INT8, _DOUBLE, _LAYER_RATES = 1, 128, 64
_MOST: Final = 127
_INT_MODE: Final = 1
"""Training flag of a recogniser whose weights are int8."""
_STACKS: Final = ("Series", "RTLReversed", "TTBReversed", "XYTranspose", "Parallel")
_FULL: Final = ("Tanh", "Relu", "Linear", "Softmax", "Logistic")
_GATES: Final = 4
"""Cell input, input gate, forget gate, output gate: the order in which an LSTM stores them."""
_ROUND: Final = 16
"""Outputs are padded to a multiple of it where scales are stored; the reader takes any number."""


@dataclass(slots=True)
class Layer:
    """One node of the network; what is not a weight is kept as the bytes it was."""

    kind: str
    training: int
    backprop: int
    flags: int
    shape: tuple[int, int, int]
    """Inputs, outputs, number of weights."""
    name: str
    fixed: bytes = b""
    weights: list[Floats] = field(default_factory=list)
    modes: list[int] = field(default_factory=list)
    below: list["Layer"] = field(default_factory=list)
    rates: bytes = b""


class _Bytes:
    def __init__(self, octets: bytes) -> None:
        self._octets, self._at = octets, 0

    def take(self, count: int) -> bytes:
        self._at += count
        return self._octets[self._at - count : self._at]

    def number(self, form: str) -> int:
        return int(struct.unpack("<" + form, self.take(struct.calcsize("<" + form)))[0])

    def text(self) -> str:
        return self.take(self.number("I")).decode()

    def rest(self) -> bytes:
        return self._octets[self._at :]


@dataclass(slots=True)
class Recogniser:
    """A network and what follows it in the component (its description, flags and training state)."""

    network: Layer
    description: str
    flags: int
    tail: bytes


def parsed(octets: bytes) -> Recogniser:
    """An `lstm` component, int8 or float."""
    source = _Bytes(octets)
    network = _layer(source)
    return Recogniser(network, source.text(), source.number("i"), source.rest())


def written(recogniser: Recogniser, *, as_int8: bool) -> bytes:
    flags = recogniser.flags | _INT_MODE if as_int8 else recogniser.flags & ~_INT_MODE
    tail = _string(recogniser.description) + struct.pack("<i", flags) + recogniser.tail
    return _octets(recogniser.network, as_int8=as_int8) + tail


def weights(layer: Layer) -> list[Floats]:
    """All weight matrices, in the order of the layers; rows are outputs, the last column is the bias."""
    return [*layer.weights, *(matrix for one in layer.below for matrix in weights(one))]


def set_weights(layer: Layer, matrices: list[Floats]) -> None:
    """Takes what it needs from the front of `matrices`."""
    layer.weights = [matrices.pop(0) for _ in layer.weights]
    for one in layer.below:
        set_weights(one, matrices)


def _layer(source: _Bytes) -> Layer:
    source.take(1)
    kind = source.text()
    training, backprop, flags = source.number("b"), source.number("b"), source.number("i")
    shape = (source.number("i"), source.number("i"), source.number("i"))
    layer = Layer(kind, training, backprop, flags, shape, source.text())
    if kind in _STACKS:
        layer.below = [_layer(source) for _ in range(source.number("I"))]
        if flags & _LAYER_RATES:
            count = source.number("I")
            layer.rates = struct.pack("<I", count) + source.take(4 * count)
    elif kind in _FULL:
        _weigh(layer, source, 1)
    elif kind in {"LSTM", "SummLSTM"}:
        layer.fixed = source.take(4)
        _weigh(layer, source, _GATES)
    else:
        layer.fixed = source.take({"Input": 20, "Convolve": 8, "Maxpool": 8}[kind])
    return layer


def _weigh(layer: Layer, source: _Bytes, count: int) -> None:
    for _ in range(count):
        mode = source.number("B")
        rows, columns = source.number("i"), source.number("i")
        size = rows * columns
        if mode & _INT8:
            source.take(1)
            whole = np.frombuffer(source.take(size), np.int8).reshape(rows, columns)
            scales = np.frombuffer(source.take(8 * source.number("I")), np.float64)[:rows]
            matrix = whole * scales[:, None]
        else:
            source.take(8)
            matrix = np.frombuffer(source.take(8 * size), np.float64).reshape(rows, columns)
        layer.weights.append(matrix)
        layer.modes.append(mode)


def _octets(layer: Layer, *, as_int8: bool) -> bytes:
    head = (
        b"\0" + _string(layer.kind) + struct.pack("<bbiiii", layer.training, layer.backprop, layer.flags, *layer.shape)
    )
    parts = [head, _string(layer.name)]
    if layer.kind in _STACKS:
        parts += [
            struct.pack("<I", len(layer.below)),
            *(_octets(one, as_int8=as_int8) for one in layer.below),
            layer.rates,
        ]
    else:
        parts.append(layer.fixed)
    for matrix, mode in zip(layer.weights, layer.modes, strict=True):
        parts.append(_int8(matrix, mode) if as_int8 else _double(matrix, mode))
    return b"".join(parts)


def _int8(matrix: Floats, mode: int) -> bytes:
    rows, columns = matrix.shape
    scales = np.abs(matrix).max(axis=1) / _MOST
    whole = np.rint(matrix / np.where(scales == 0, 1.0, scales)[:, None]).astype(np.int8)
    padded = np.zeros(-(-rows // _ROUND) * _ROUND)
    padded[:rows] = scales
    head = struct.pack("<Biib", mode | _INT8 | _DOUBLE, rows, columns, 0)
    return head + whole.tobytes() + struct.pack("<I", len(padded)) + padded.tobytes()


def _double(matrix: Floats, mode: int) -> bytes:
    rows, columns = matrix.shape
    return struct.pack("<Biid", mode & ~_INT8 | _DOUBLE, rows, columns, 0.0) + np.ascontiguousarray(matrix).tobytes()


def _string(text: str) -> bytes:
    return struct.pack("<I", len(text.encode())) + text.encode()
