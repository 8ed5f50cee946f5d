"""Run one ONNX model on OpenVINO with one thread: processes, not threads, use the other cores."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import numpy as np
import openvino
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]
Run: TypeAlias = Callable[[NDArray[np.generic]], dict[str, Floats]]


def compile_model(model: Path, shape: tuple[int, ...], precision: str = "f32") -> Run:
    """A function from one input blob of `shape` to outputs by name.

    `precision` is OpenVINO's INFERENCE_PRECISION_HINT: "f32" or "bf16".
    """
    core = openvino.Core()
    network = core.read_model(str(model))
    network.reshape(list(shape))
    compiled = core.compile_model(
        network,
        "CPU",
        {
            "INFERENCE_PRECISION_HINT": precision,
            "INFERENCE_NUM_THREADS": "1",
            "NUM_STREAMS": "1",
        },
    )
    request = compiled.create_infer_request()
    # After a reshape a port has several names; the caller may ask by any of them.
    names = [(name, index) for index, port in enumerate(compiled.outputs) for name in port.names]

    def run(blob: NDArray[np.generic]) -> dict[str, Floats]:
        request.infer([blob])
        return {
            name: np.asarray(request.get_output_tensor(index).data, np.float32)
            for name, index in names
        }

    return run
