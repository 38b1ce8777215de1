"""A Ray cluster of two nodes on loopback, apart from every other Ray on this machine: own ports, own folder."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
from ports import free_port

from pipelines.cluster import QUIET_RAY

ENVIRONMENT = {**QUIET_RAY, "RAY_AUTH_MODE": "disabled"}
STORE_BYTES = 80_000_000


@dataclass(frozen=True)
class Node:
    """What ``ray start`` started."""

    process: subprocess.Popen

    @property
    def raylet(self) -> int:
        """Process id of its raylet, the parent of its workers."""
        (found,) = [child.pid for child in self._children() if "raylet" in Path(child.cmdline()[0]).name]
        return found

    def kill(self) -> None:
        """SIGKILL to every process of the node, as when a machine loses its power."""
        for process in [*self._children(), self.process]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait()

    def _children(self) -> list[psutil.Process]:
        with contextlib.suppress(psutil.NoSuchProcess):
            return psutil.Process(self.process.pid).children(recursive=True)
        return []


@dataclass(frozen=True)
class TwoNodes:
    """One core each; ``environment`` is what a driver needs to work on them."""

    head: Node
    second: Node
    environment: dict[str, str]


@contextlib.contextmanager
def two_nodes() -> Iterator[TwoNodes]:
    """Start both and wait for them; all their processes are gone at the end, whatever happened."""
    folder = Path(tempfile.mkdtemp(prefix="nodes-", dir="/tmp"))  # short: Ray makes sockets below it
    port = free_port()
    nodes: list[Node] = []
    try:
        nodes.append(_start(folder, "--head", f"--port={port}", "--include-dashboard=false", f"--temp-dir={folder}"))
        nodes.append(_start(folder, f"--address=127.0.0.1:{port}"))
        yield TwoNodes(nodes[0], nodes[1], {**ENVIRONMENT, "RAY_ADDRESS": f"127.0.0.1:{port}"})
    finally:
        for node in nodes:
            node.kill()
        shutil.rmtree(folder, ignore_errors=True)


def _start(folder: Path, *arguments: str) -> Node:
    command = [str(Path(sys.executable).with_name("ray")), "start", "--block", *arguments]
    command += ["--node-ip-address=127.0.0.1", "--num-cpus=1", f"--object-store-memory={STORE_BYTES}"]
    command += ["--min-worker-port=0", "--max-worker-port=0", "--disable-usage-stats"]
    process = subprocess.Popen(
        command, cwd=folder, env={**os.environ, **ENVIRONMENT}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    said = []
    for line in process.stdout:
        said.append(line.decode())
        if "Ray runtime started" in said[-1]:
            return Node(process)
    raise AssertionError(f"{command} ended with {process.wait()}: {''.join(said)}")
