"""The processes that are measured: each is started in a folder of its own and stopped in order."""

import http.client
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parent.parent
PROJECT = BENCHMARKS.parent
FLOTILLA = PROJECT / ".build/release/flotilla"
HELPERS = PROJECT / ".build/bench"
API_KEY = "benchmark-key"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def plain_environment() -> dict[str, str]:
    """This process's environment without the settings that someone may have in theirs."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}


def answers(port: int) -> bool:
    """Whether GET /health is answered with 200 now."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


class Service:
    """A process that serves HTTP on a loopback port; use it in a `with`."""

    name = "service"

    def __init__(self, folder: Path):
        self.folder = folder
        self.port = free_port()
        self.process: subprocess.Popen | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        return {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def headers(self) -> dict[str, str]:
        return {}

    def start(self) -> float:
        """Returns the seconds from the start of the process to its first answered request."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.folder / "output.log", "ab") as output:
            begun = time.perf_counter()
            self.process = subprocess.Popen(
                self.command(), cwd=self.folder, env=plain_environment() | self.environment(),
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            )
        while not answers(self.port):
            if self.process.poll() is not None or time.perf_counter() - begun > 60:
                raise RuntimeError(f"{self.name} did not start; see {self.folder / 'output.log'}")
            time.sleep(0.0005)
        return time.perf_counter() - begun

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise RuntimeError(f"{self.name} did not stop within 30 s of SIGTERM")

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()


class Flotilla(Service):
    """`flotilla up` with every setting at its default but the port and the folder."""

    name = "flotilla"

    def command(self):
        return [str(FLOTILLA), "up"]

    def environment(self):
        return {"FLOTILLA_STATE": str(self.folder / "state"), "API_PORT": str(self.port)}

    def headers(self):
        token = subprocess.run(
            [str(FLOTILLA), "token", "--minutes", "480"], cwd=self.folder, env=plain_environment() | self.environment(),
            capture_output=True, text=True, check=True,
        )
        return {"Authorization": f"Bearer {token.stdout.strip()}"}


class Nginx(Service):
    """One nginx worker that answers from its configuration, with a body as long as Flotilla's."""

    name = "nginx, 1 worker"

    def __init__(self, folder: Path, body: str):
        super().__init__(folder)
        self.body = body

    def command(self):
        template = (BENCHMARKS / "peers/nginx.conf").read_text()
        values = {"@FOLDER@": str(self.folder), "@PORT@": str(self.port), "@BODY@": self.body}
        for name, value in values.items():
            template = template.replace(name, value)
        (self.folder / "nginx.conf").write_text(template)
        return ["nginx", "-p", str(self.folder), "-c", "nginx.conf", "-e", "stderr"]


class FastAPI(Service):
    """The peer for commands, in the configuration that its makers recommend."""

    def __init__(self, folder: Path, bootstrap_servers: str, workers: int):
        super().__init__(folder)
        self.bootstrap_servers = bootstrap_servers
        self.workers = workers
        self.name = f"FastAPI, {workers} worker" + ("s" if workers > 1 else "")

    def command(self):
        return [
            str(BENCHMARKS / ".venv/bin/uvicorn"), "commands_service:app", "--app-dir", str(BENCHMARKS / "peers"),
            "--host", "127.0.0.1", "--port", str(self.port), "--workers", str(self.workers),
            "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning",
        ]

    def environment(self):
        return {
            "KAFKA_BOOTSTRAP_SERVERS": self.bootstrap_servers, "API_KEYS": API_KEY, "PYTHONDONTWRITEBYTECODE": "1",
        }

    def headers(self):
        return {"X-API-Key": API_KEY}


class FastAPIStats(FastAPI):
    """The peer for authenticated reads, run like the one for commands."""

    def __init__(self, folder: Path, secret: str, stats: str, workers: int):
        super().__init__(folder, "", workers)
        self.secret = secret
        self.stats = stats
        self.name = f"FastAPI + PyJWT, {workers} worker" + ("s" if workers > 1 else "")

    def command(self):
        return [word.replace("commands_service", "stats_service") for word in super().command()]

    def environment(self):
        return {"JWT_SECRET_KEY": self.secret, "STATS": self.stats, "PYTHONDONTWRITEBYTECODE": "1"}
