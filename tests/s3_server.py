"""A real S3 server on loopback, and a wire to it that counts what passes and can be cut."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import boto3
from ports import free_port

BUCKET = "clips"
ALLOW_S3 = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'
ACTIONS_BEFORE_KEYS_COUNT = 4
"""The server checks signatures once the user, the policy, the key and the bucket are there."""


@dataclass(frozen=True)
class S3Server:
    """Where it listens, and the environment of somebody who may use it."""

    port: int
    environment: dict[str, str]

    def objects(self) -> dict[str, int]:
        """Size of every object in the bucket."""
        listed = self._client().list_objects_v2(Bucket=BUCKET)
        return {entry["Key"]: entry["Size"] for entry in listed.get("Contents", [])}

    def delete(self, key: str) -> None:
        self._client().delete_object(Bucket=BUCKET, Key=key)

    def put(self, key: str, content: bytes) -> None:
        self._client().put_object(Bucket=BUCKET, Key=key, Body=content)

    def _client(self):
        return _client(
            "s3", self.port, self.environment["AWS_ACCESS_KEY_ID"], self.environment["AWS_SECRET_ACCESS_KEY"]
        )


@contextlib.contextmanager
def s3_server() -> Iterator[S3Server]:
    """Moto as a process of its own, with one bucket and one user; it refuses everybody else."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        env={**os.environ, "INITIAL_NO_AUTH_ACTION_COUNT": str(ACTIONS_BEFORE_KEYS_COUNT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port, process)
        users = _client("iam", port, "first", "first")
        users.create_user(UserName="tester")
        users.put_user_policy(UserName="tester", PolicyName="s3", PolicyDocument=ALLOW_S3)
        key = users.create_access_key(UserName="tester")["AccessKey"]
        _client("s3", port, "first", "first").create_bucket(Bucket=BUCKET)
        yield S3Server(port, environment(port, key["AccessKeyId"], key["SecretAccessKey"]))
    finally:
        process.kill()
        process.wait()


def environment(port: int, key: str, secret: str) -> dict[str, str]:
    """The variables that S3 clients read; they count before any file of the user's."""
    return {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _client(service: str, port: int, key: str, secret: str):
    return boto3.client(
        service,
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
    )


def _wait_for(port: int, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 60
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        assert process.poll() is None and time.monotonic() < deadline, "the S3 server does not start"
        time.sleep(0.05)


@dataclass
class Wire:
    """A relay to a port. After ``stop_after`` bytes towards it, it goes on listening and passes nothing on."""

    target: int
    stop_after: float = float("inf")
    sent: int = 0
    received: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "Wire":
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                server = socket.create_connection(("127.0.0.1", self.target))
                for pump in (self._towards, self._back):
                    threading.Thread(target=pump, args=(client, server), daemon=True).start()

    def _towards(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while block := client.recv(1 << 16):
                self.sent += len(block)
                if self.sent > self.stop_after:
                    self.stopped.set()
                else:
                    server.sendall(block)
            server.shutdown(socket.SHUT_WR)

    def _back(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while block := server.recv(1 << 16):
                self.received += len(block)
                client.sendall(block)
            client.shutdown(socket.SHUT_WR)
