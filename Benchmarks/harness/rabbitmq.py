"""A private RabbitMQ: own folder, ports, node name, cookie and epmd; ended with the driver, however that ends."""

import ctypes
import os
import secrets
import signal
import socket
import subprocess
import time
from pathlib import Path

from .services import free_port, plain_environment

# Debian's. /usr/sbin/rabbitmq-server would change the user and the folder.
INSTALLATIONS = Path("/usr/lib/rabbitmq/lib")
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)
DRIVER = os.getpid()
# One node name is enough: every broker has an epmd of its own.
NODE = "bench@localhost"


class RabbitMQ:
    """Debian's RabbitMQ on a loopback port, where guest may log in; use it in a `with`."""

    def __init__(self, folder: Path, data: Path | None = None):
        """`data` is where the messages are, a folder in the broker's own unless given."""
        self.folder = folder
        self.data = data or folder / "mnesia"
        self.port, self.distribution_port, self.epmd_port = free_port(), free_port(), free_port()
        self.epmd: subprocess.Popen | None = None
        self.server: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}/%2F"

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_):
        self._end()

    def _start(self) -> None:
        scripts = next(iter(sorted(INSTALLATIONS.glob("rabbitmq_server-*/sbin"), reverse=True)), None)
        if scripts is None:
            raise RuntimeError(f"no RabbitMQ under {INSTALLATIONS}: install rabbitmq-server")
        self._write_files()
        self.epmd = self._spawn(
            "epmd", "-port", str(self.epmd_port), "-address", "127.0.0.1", "-relaxed_command_check")
        self.server = self._spawn(str(scripts / "rabbitmq-server"))
        deadline = time.monotonic() + 60
        while not self._shakes_hands():
            if self.server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"RabbitMQ did not start; see {self.folder / 'output.log'}")
            time.sleep(0.05)

    def _write_files(self) -> None:
        self.folder.mkdir(parents=True)
        cookie = self.folder / ".erlang.cookie"
        cookie.write_text(secrets.token_hex(16))
        cookie.chmod(0o400)
        (self.folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self.port}\n"
            "vm_memory_high_watermark.absolute = 4GB\n"
            "disk_free_limit.absolute = 200MB\n"
            "log.file.level = warning\n")
        (self.folder / "enabled_plugins").write_text("[].\n")

    def _settings(self) -> dict[str, str]:
        folder, loopback = self.folder, "-kernel inet_dist_use_interface {127,0,0,1}"
        return {
            "HOME": str(folder), "LANG": "C.UTF-8",
            "ERL_EPMD_ADDRESS": "127.0.0.1", "ERL_EPMD_PORT": str(self.epmd_port),
            "RABBITMQ_NODENAME": NODE, "RABBITMQ_DIST_PORT": str(self.distribution_port),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": loopback,
            "RABBITMQ_CONF_ENV_FILE": "/dev/null", "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(self.data), "RABBITMQ_MNESIA_DIR": str(self.data / "node"),
            "RABBITMQ_LOG_BASE": str(folder / "log"), "RABBITMQ_PID_FILE": str(folder / "pid"),
            # The script becomes the Erlang machine instead of waiting for it: a signal to it is one to RabbitMQ.
            "RUNNING_UNDER_SYSTEMD": "1",
        }

    def _spawn(self, *command: str) -> subprocess.Popen:
        with open(self.folder / "output.log", "ab") as output:
            return subprocess.Popen(
                command, cwd=self.folder, env=plain_environment() | self._settings(), stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=_die_with_driver)

    def _shakes_hands(self) -> bool:
        """Whether the broker answers AMQP's protocol header with a method frame, `connection.start`."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                connection.sendall(b"AMQP\x00\x00\x09\x01")
                return connection.recv(1) == b"\x01"
        except OSError:
            return False

    def _end(self) -> None:
        for process in (self.server, self.epmd):
            if process is None:
                continue
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _die_with_driver() -> None:
    """In the child before it becomes the program: the kernel kills it when the driver is gone, even by SIGKILL."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != DRIVER:
        os._exit(1)
