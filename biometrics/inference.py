"""Run one ONNX model on OpenVINO with one thread: processes, not threads, use the other cores."""

from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import openvino
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]
Run: TypeAlias = Callable[[NDArray[np.uint8]], dict[str, Floats]]

SETTINGS: Final = {
    "INFERENCE_NUM_THREADS": "1",
    "NUM_STREAMS": "1",
    "PERFORMANCE_HINT": "LATENCY",
    "ENABLE_CPU_PINNING": "NO",  # several workers pinned to the same core would wait for each other
}


def compile_model(
    model: Path, height_px: int, width_px: int, *, precision: str = "f32", channels: str = "RGB"
) -> Run:
    """A function from one RGB picture (height x width x 3, uint8) to outputs by name.

    `precision` is OpenVINO's INFERENCE_PRECISION_HINT: "f32" or "bf16". `channels` is the order
    the model was trained with; turning the picture round and into floats is part of the graph.
    The arrays given back are overwritten by the next call.
    """
    core = openvino.Core()
    network = core.read_model(str(model))
    network.reshape([1, 3, height_px, width_px])
    compiled = core.compile_model(
        _from_pixels(network, channels), "CPU", SETTINGS | {"INFERENCE_PRECISION_HINT": precision}
    )
    request = compiled.create_infer_request()
    pixels = np.zeros((1, height_px, width_px, 3), np.uint8)
    request.set_input_tensor(openvino.Tensor(pixels, shared_memory=True))
    # After a reshape a port has several names; the caller may ask by any of them.
    outputs = {
        name: request.get_output_tensor(index).data
        for index, port in enumerate(compiled.outputs)
        for name in port.names
    }

    def run(picture: NDArray[np.uint8]) -> dict[str, Floats]:
        pixels[0] = picture
        request.infer()
        return outputs

    return run


def _from_pixels(network: openvino.Model, channels: str) -> openvino.Model:
    """The model with a uint8 picture as its input."""
    step = openvino.preprocess.PrePostProcessor(network)
    colour = openvino.preprocess.ColorFormat
    tensor = step.input().tensor()
    tensor.set_element_type(openvino.Type.u8).set_layout(openvino.Layout("NHWC"))
    tensor.set_color_format(colour.RGB)
    step.input().model().set_layout(openvino.Layout("NCHW"))
    if channels == "BGR":
        step.input().preprocess().convert_color(colour.BGR)
    step.input().preprocess().convert_element_type(openvino.Type.f32)
    return step.build()
