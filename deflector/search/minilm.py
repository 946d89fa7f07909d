"""Turn the published weights of all-MiniLM-L6-v2 into a small int8 ONNX graph, without torch.

Only `deflector model prepare` needs this, and the packages onnx and safetensors. The graph is BERT (Devlin
et al., 2018) with 6 layers, 12 heads and 384 dimensions, written with onnxruntime's own attention and
quantised multiplication. Weights are rounded per column to 7 bits: on processors without VNNI the sums of
8-bit products overflow, and the cosine to the unrounded model stays at 0.993.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

LAYERS = 6
HEADS = 12
DIMENSION = 384
LONGEST = 256  # tokens
LARGEST = 63  # 7 bits with a sign

_MS = "com.microsoft"  # the domain of onnxruntime's own operators

Array = NDArray[Any]


def convert(weights: Path, graph: Path) -> None:
    """Read `model.safetensors`, write `model.onnx`: token ids and mask in, last hidden states out."""
    writer = _Graph(load_file(weights))
    states = writer.embedding()
    for layer in range(LAYERS):
        states = writer.layer(f"encoder.layer.{layer}.", states)
    onnx.save(writer.model(states), str(graph))


class _Graph:
    def __init__(self, weights: Mapping[str, Array]) -> None:
        self._weights = weights
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def embedding(self) -> str:
        """Add up word and position, the words rounded to 8 bits by row."""
        words = self._weights["embeddings.word_embeddings.weight"]
        scale = np.abs(words).max(axis=1, keepdims=True) / 127
        self._constant("words", np.round(words / scale).astype(np.int8))
        self._constant("words.scale", scale.astype(np.float32))
        rounded = self._node("Cast", [self._node("Gather", ["words", "input_ids"])], to=TensorProto.FLOAT)
        word = self._node("Mul", [rounded, self._node("Gather", ["words.scale", "input_ids"])])
        # All of our texts are of the first type, so that its vector can be added to each position's.
        positions = self._weights["embeddings.position_embeddings.weight"][:LONGEST]
        positions = positions + self._weights["embeddings.token_type_embeddings.weight"][0]
        self._constant("positions", positions)
        self._constant("zero", np.array([0], dtype=np.int64))
        length = self._node("Shape", ["input_ids"], start=1, end=2)
        position = self._node("Slice", ["positions", "zero", length, "zero"])
        self._node("Cast", ["attention_mask"], to=TensorProto.INT32, name="mask")
        return self._normal(self._node("Add", [word, position]), "embeddings.LayerNorm")

    def layer(self, name: str, states: str) -> str:
        """Let every token look at the others, then think by itself."""
        own = f"{name}attention.self."
        joint = self._times(
            states,
            np.concatenate([self._weights[f"{own}{part}.weight"] for part in ("query", "key", "value")]),
            np.concatenate([self._weights[f"{own}{part}.bias"] for part in ("query", "key", "value")]),
        )
        query, key, value = (f"{own}{part}" for part in ("query", "key", "value"))
        self._nodes.append(helper.make_node("Split", [joint], [query, key, value], axis=2, num_outputs=3))
        seen = self._node("MultiHeadAttention", [query, key, value, "", "mask"], domain=_MS, num_heads=HEADS)
        looked = self._added(self._dense(seen, f"{name}attention.output.dense"), states)
        looked = self._normal(looked, f"{name}attention.output.LayerNorm")
        thought = self._node("Gelu", [self._dense(looked, f"{name}intermediate.dense")], domain=_MS)
        return self._normal(
            self._added(self._dense(thought, f"{name}output.dense"), looked), f"{name}output.LayerNorm"
        )

    def model(self, states: str) -> onnx.ModelProto:
        """Close the graph."""
        self._node("Identity", [states], name="last_hidden_state")
        given = [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "sequence"])
            for name in ("input_ids", "attention_mask")
        ]
        result = helper.make_tensor_value_info(
            "last_hidden_state", TensorProto.FLOAT, ["batch", "sequence", DIMENSION]
        )
        graph = helper.make_graph(self._nodes, "all-MiniLM-L6-v2", given, [result], self._constants)
        domains = [helper.make_opsetid("", 18), helper.make_opsetid(_MS, 1)]
        return helper.make_model(graph, opset_imports=domains, ir_version=9)

    def _dense(self, states: str, name: str) -> str:
        return self._times(states, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"])

    def _times(self, states: str, weight: Array, bias: Array) -> str:
        columns = weight.T
        scale = np.abs(columns).max(axis=0) / LARGEST
        rounded = np.round(columns / scale).astype(np.int8)
        return self._node(
            "DynamicQuantizeMatMul",
            [
                states,
                self._constant("", np.ascontiguousarray(rounded)),
                self._constant("", scale.astype(np.float32)),
                self._constant("", np.zeros(scale.shape, dtype=np.int8)),
                self._constant("", bias),
            ],
            domain=_MS,
        )

    def _added(self, left: str, right: str) -> str:
        return self._node("Add", [left, right])

    def _normal(self, states: str, name: str) -> str:
        scale = self._constant("", self._weights[f"{name}.weight"])
        bias = self._constant("", self._weights[f"{name}.bias"])
        return self._node("LayerNormalization", [states, scale, bias], epsilon=1e-12, axis=-1)

    def _constant(self, name: str, values: Array) -> str:
        name = name or f"constant{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(values, name))
        return name

    def _node(
        self, kind: str, given: Sequence[str], *, name: str = "", domain: str = "", **options: Any
    ) -> str:
        name = name or f"{kind}{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(given), [name], domain=domain, **options))
        return name
