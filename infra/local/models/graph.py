"""Writes a BERT sentence encoder as an int8 ONNX graph for onnxruntime, layer by layer, without torch.

The graph takes the ids of one text (1, tokens) and returns its vector (1, hidden) of L2 norm 1: embeddings, encoder
layers, mean over the tokens, norm. One text at a time, so it needs neither mask nor padding. Linear maps are int8 with
one scale per output and activations quantised at run time (onnxruntime's DynamicQuantizeMatMul); attention is one
operator. The vocabulary stays in its blocks (GatherBlockQuantized) in a file of its own beside the graph, which
onnxruntime maps into memory: only the rows that texts use are ever read.

Source:
    Devlin et al., "BERT", NAACL 2019; onnxruntime, docs/ContribOperators.md (the operators of com.microsoft).
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from infra.local.models.encoder_weights import BLOCK, BlockMatrix, EncoderWeights, Linear, Norm, per_row

MICROSOFT = "com.microsoft"
OPSET = 21
IR_VERSION = 10
ALIGNMENT = 65536  # onnxruntime maps external data only at multiples of the page size, 64 KB on some machines
GRAPH_FILE = "model.onnx"
VOCABULARY_FILE = "vocabulary.bin"


def write_graph(weights: EncoderWeights, folder: Path) -> None:
    """Write `model.onnx` and `vocabulary.bin`; the same weights give the same bytes.

    Args:
        weights: the encoder.
        folder: an existing folder.
    """
    from onnx import TensorProto, helper

    writer = _Writer(folder)
    hidden = weights.positions.shape[1]
    state = _embeddings(writer, weights)
    for index in range(weights.layers):
        state = _layer(writer, weights, index, state)
    writer.constant("axis_of_tokens", np.array([1], dtype=np.int64))
    writer.node("ReduceMean", [state, "axis_of_tokens"], "mean", keepdims=0)
    writer.node("LpNormalization", ["mean"], "embedding", axis=-1, p=2)
    graph = helper.make_graph(
        writer.nodes,
        "sentence_encoder",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, "tokens"])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [1, hidden])],
        writer.constants,
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
    (folder / GRAPH_FILE).write_bytes(model.SerializeToString(deterministic=True))


class _Writer:
    """Collects nodes and constants; every name is given, so that two builds are the same."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def node(self, operator: str, inputs: list[str], *outputs: str, domain: str = "", **attributes: Any) -> str:
        """Add a node named like its first output, and return that name."""
        from onnx import helper

        made = helper.make_node(operator, inputs, list(outputs), name=outputs[0], domain=domain, **attributes)
        self.nodes.append(made)
        return outputs[0]

    def constant(self, name: str, numbers: NDArray[Any]) -> str:
        """Add a constant inside the graph."""
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(numbers), name))
        return name

    def mapped(self, constants: dict[str, NDArray[Any]]) -> None:
        """Add constants that lie in the file beside the graph."""
        from onnx import TensorProto, helper

        with (self.folder / VOCABULARY_FILE).open("wb") as file:
            for name, numbers in constants.items():
                start = -(-file.tell() // ALIGNMENT) * ALIGNMENT
                file.seek(start)
                numbers.tofile(file)
                tensor = TensorProto(name=name, dims=numbers.shape)
                tensor.data_type = helper.np_dtype_to_tensor_dtype(numbers.dtype)
                tensor.data_location = TensorProto.EXTERNAL
                place = (("location", VOCABULARY_FILE), ("offset", start), ("length", numbers.nbytes))
                for key, value in place:
                    tensor.external_data.add(key=key, value=str(value))
                self.constants.append(tensor)


def _embeddings(writer: _Writer, weights: EncoderWeights) -> str:
    """Sum the embeddings of pieces and positions, and normalise."""
    vocabulary: BlockMatrix = weights.vocabulary
    writer.mapped({"vocabulary": vocabulary.packed, "vocabulary.scale": vocabulary.scales})
    writer.node(
        "GatherBlockQuantized",
        ["vocabulary", "input_ids", "vocabulary.scale"],
        "pieces",
        domain=MICROSOFT,
        bits=vocabulary.bits,
        block_size=BLOCK,
        gather_axis=0,
        quantize_axis=1,
    )
    writer.constant("position_table", weights.positions)
    writer.constant("first", np.array([0], dtype=np.int64))
    writer.node("Shape", ["input_ids"], "tokens", start=1, end=2)
    writer.node("Slice", ["position_table", "first", "tokens"], "positions")
    writer.node("Add", ["pieces", "positions"], "embeddings")
    gain, shift = _norm(writer, "embedding_norm", weights.embedding_norm)
    return writer.node("LayerNormalization", ["embeddings", gain, shift], "layer_0_input", epsilon=weights.epsilon)


def _layer(writer: _Writer, weights: EncoderWeights, index: int, state: str) -> str:
    """Add one encoder layer and return the name of its output."""
    layer, at = weights.read_layer(index), f"layer_{index}."
    mapped = _linear(writer, at + "query_key_value", layer.linears["query_key_value"], state)
    parts = [at + name for name in ("query", "key", "value")]
    writer.node("Split", [mapped], *parts, axis=-1, num_outputs=3)
    heads = writer.node("MultiHeadAttention", parts, at + "attention", domain=MICROSOFT, num_heads=weights.heads)
    attended = _linear(writer, at + "attention_output", layer.linears["attention_output"], heads)
    state = _added(writer, at + "attention_norm", layer.norms["attention_norm"], [attended, state], weights.epsilon)
    inner = _linear(writer, at + "intermediate", layer.linears["intermediate"], state)
    writer.node("Gelu", [inner], at + "activation")
    outer = _linear(writer, at + "output", layer.linears["output"], at + "activation")
    return _added(writer, at + "output_norm", layer.norms["output_norm"], [outer, state], weights.epsilon)


def _linear(writer: _Writer, name: str, linear: Linear, state: str) -> str:
    """Add an int8 product with the state."""
    integers, scales = per_row(linear.weight)
    weight = writer.constant(f"{name}.weight", integers.T)
    scale = writer.constant(f"{name}.scale", scales)
    zero = writer.constant(f"{name}.zero", np.zeros_like(scales, dtype=np.int8))
    bias = writer.constant(f"{name}.bias", linear.bias)
    return writer.node("DynamicQuantizeMatMul", [state, weight, scale, zero, bias], name, domain=MICROSOFT)


def _norm(writer: _Writer, name: str, norm: Norm) -> tuple[str, str]:
    """Add the two constants of a normalisation."""
    return writer.constant(f"{name}.gain", norm.gain), writer.constant(f"{name}.shift", norm.shift)


def _added(writer: _Writer, name: str, norm: Norm, summands: list[str], epsilon: float) -> str:
    """Add a change to the state and normalise the sum."""
    gain, shift = _norm(writer, name, norm)
    inputs = [*summands, gain, shift]
    return writer.node("SkipLayerNormalization", inputs, name, domain=MICROSOFT, epsilon=epsilon)
