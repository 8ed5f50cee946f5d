"""The child process that touches strangers' bytes: one thread, bounded memory, no secrets."""

import json
import resource
import signal
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

REQUEST_HEAD: Final = {"frontal": b"F", "free": b"*"}  # first byte: the pose; then the picture
READY: Final = b"ready"
START_FAILED: Final = b"failed:"
PICTURE_S_MAX: Final = 60


def main(arguments: list[str]) -> None:
    """Serve pictures from the socket of file descriptor `arguments[0]` until it closes.

    `arguments[1]` is JSON: engine, model_dir, precision, memory_bytes_max.
    """
    config = json.loads(arguments[1])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    resource.setrlimit(resource.RLIMIT_AS, (config["memory_bytes_max"],) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold faces
    serve(Connection(int(arguments[0])), config)


def serve(connection: Connection, config: dict[str, str]) -> None:
    """Load the engine, say ready, then one answer per picture."""
    # Imported here, below the limits, so that loading the libraries is bounded too.
    from biometrics.decode import IMAGE_BYTES_MAX  # noqa: PLC0415
    from biometrics.models import ModelsMissing  # noqa: PLC0415
    from biometrics.pipeline import open_pipeline  # noqa: PLC0415
    from biometrics.quality import Pose  # noqa: PLC0415
    from biometrics.reply import to_bytes  # noqa: PLC0415

    folder = Path(config["model_dir"]) if config["model_dir"] else None
    try:
        pipeline = open_pipeline(config["engine"], folder, config["precision"])
    except ModelsMissing as fault:
        connection.send_bytes(START_FAILED + str(fault).encode())
        return
    poses = {REQUEST_HEAD[pose]: pose for pose in Pose}
    connection.send_bytes(READY)
    while True:
        try:
            data = connection.recv_bytes(1 + IMAGE_BYTES_MAX)
        except (EOFError, OSError):  # the parent closed the socket or is gone
            return
        signal.alarm(PICTURE_S_MAX)  # ends even a hung decoder whose parent is gone
        answer = to_bytes(pipeline.run(data[1:], poses[data[:1]]))
        signal.alarm(0)
        connection.send_bytes(answer)


if __name__ == "__main__":
    main(sys.argv[1:])
