"""HTTP load: wrk for single requests, threads of this process for batches."""

import http.client
import json
import os
import subprocess
import threading
import time
from dataclasses import dataclass

from .services import BENCHMARKS, Service

COMMANDS = "/api/v1/commands"


@dataclass
class Load:
    """The figures of one run of wrk."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    max_ms: float
    failed_answers: int
    socket_errors: int
    # How often each status was answered, where it was counted.
    statuses: dict[str, int]

    @property
    def rate(self) -> float:
        return self.requests / self.seconds


def wrk(
    service: Service, script: str, path: str, connections: int, seconds: int, headers: dict[str, str] | None = None,
    count_statuses: bool = False,
) -> Load:
    """Loads a path over keep-alive connections from one thread, each sending its next request when it has an answer.

    Raises when a single request failed: a rate with failures in it would be no figure.
    """
    arguments = [f"{name}={value}" for name, value in (headers or {}).items()]
    answer = subprocess.run(
        ["wrk", "--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s", "--timeout", "20s",
         "--script", str(BENCHMARKS / "load" / script), service.url + path, "--", *arguments],
        env=os.environ | {"COUNT_STATUS": "yes" if count_statuses else ""}, capture_output=True, text=True, check=True,
    )
    load = Load(**({"statuses": {}} | json.loads(answer.stdout.splitlines()[-1])))
    if load.failed_answers or load.socket_errors or not load.requests:
        raise RuntimeError(
            f"{service.name} {path}: {load.requests} answers, {load.failed_answers} of them failures, "
            f"{load.socket_errors} socket errors"
        )
    return load


def command(device: int) -> dict:
    """A command of about 300 bytes."""
    return {
        "device_id": f"bench-{device:08x}", "command_type": "config_update",
        "payload": {"sequence": device, "note": "x" * 116}, "protocol": "mqtt",
        "metadata": {"topic": "devices/bench/commands"}, "priority": 5,
    }


class Client:
    """One keep-alive connection with the service's credentials."""

    def __init__(self, service: Service, headers: dict[str, str]):
        self.connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=120)
        self.headers = headers

    def post(self, path: str, body: bytes) -> tuple[int, bytes]:
        self.connection.request("POST", path, body, self.headers | {"Content-Type": "application/json"})
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def get(self, path: str) -> tuple[int, dict]:
        self.connection.request("GET", path, headers=self.headers)
        answer = self.connection.getresponse()
        return answer.status, json.loads(answer.read())

    def close(self) -> None:
        self.connection.close()


def wait_until_published(client: Client) -> None:
    """Returns once a command sent now is published: what was accepted before it has gone first."""
    status, body = client.post(COMMANDS, json.dumps(command(0)).encode())
    if status == 202:
        wait_for_command(client, json.loads(body)["request_id"])
    elif status != 200:
        raise RuntimeError(f"a command was answered with {status}: {body[:200]!r}")


def wait_for_command(client: Client, request_id: str) -> None:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        status, body = client.get(f"{COMMANDS}/{request_id}/status?wait=60")
        if status == 200 and body["status"] == "published":
            return
        if status != 200 or body["status"] != "accepted":
            raise RuntimeError(f"command {request_id}: {status} {body}")
    raise RuntimeError(f"command {request_id} was not published within 300 s")


@dataclass
class BatchLoad:
    """What became of batches that several connections sent."""

    commands: int
    seconds: float
    # The last command of each connection.
    last_request_ids: list[str]

    @property
    def rate(self) -> float:
        return self.commands / self.seconds


def send_batches(
    service: Service, headers: dict[str, str], bodies: list[bytes], connections: int, size: int
) -> BatchLoad:
    """Sends every body once, shared among the connections; each waits for its answer before it sends the next."""
    remaining = list(bodies)
    taking = threading.Lock()
    last: dict[int, str] = {}
    failures: list[str] = []

    def work(number: int) -> None:
        client = Client(service, headers)
        try:
            while True:
                with taking:
                    if not remaining or failures:
                        return
                    body = remaining.pop()
                status, answer = client.post(f"{COMMANDS}/batch", body)
                count = answer.count(b'"request_id"')
                if status != 200 or count != size:
                    failures.append(f"a batch of {size} was answered with {status} and {count} results")
                    return
                # Parsing 1,000 results would cost this side more than the server: the last one is enough.
                last[number] = answer[answer.rindex(b'"request_id"') + 12:].split(b'"')[1].decode()
        except Exception as error:
            failures.append(repr(error))
        finally:
            client.close()

    threads = [threading.Thread(target=work, args=[number]) for number in range(connections)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - begun
    if failures:
        raise RuntimeError(f"{service.name}: {failures[0]}")
    return BatchLoad(len(bodies) * size, seconds, list(last.values()))
