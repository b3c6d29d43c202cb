"""What MiniStack reads from its environment; set before its first import, because its modules read it there."""

from pathlib import Path


def emulator_environment(port: int, state: Path, objects: Path, scratch: Path) -> dict[str, str]:
    """Settings that keep the emulator on the loopback address, on one port, and its files in our folders.

    Args:
        port: the one port that is opened.
        state: folder of keys and code archives, beside our snapshots and journals.
        objects: folder of S3 objects.
        scratch: folder for the unpacked code of running functions; emptied at each start.

    Returns:
        Environment variables.
    """
    return {
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "LAMBDA_EXECUTOR": "local",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(state),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(objects),
        "TMPDIR": str(scratch),
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        # No container may be looked for, even where a container engine runs.
        "DOCKER_HOST": f"unix://{scratch / 'no-container-engine'}",
    }
