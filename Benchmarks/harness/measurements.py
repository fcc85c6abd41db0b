"""The measurements of `make bench`: each runs ours and its peer in turns and returns the figures."""

import contextlib
import json
import os
import re
import subprocess
import time
from pathlib import Path
from urllib.request import urlopen

from . import access_figures, fleet_figures, host_figures, kafka_figures, rabbitmq_figures, soak, views_figures
from .bus_file import count_records
from .kafka import KafkaCluster
from .load import COMMANDS, Client, command, send_batches, wait_for_command, wait_until_published, wrk
from .plan import Plan
from .report import Figure
from .services import HELPERS, PROJECT, FastAPI, Flotilla, Nginx


def health(plan: Plan) -> list[Figure]:
    """GET /health beside nginx's `return 200`."""
    with Flotilla(plan.folder / "flotilla") as flotilla:
        body = urlopen(f"{flotilla.url}/health").read().decode()
        with Nginx(plan.folder / "nginx", body) as nginx:
            figure = Figure("GET /health, 64 connections", [], "requests/s", nginx.name, [], least_ratio=0.7)
            for _ in range(plan.rounds):
                figure.ours.append(wrk(flotilla, "get.lua", "/health", 64, plan.seconds).rate)
                figure.peer.append(wrk(nginx, "get.lua", "/health", 64, plan.seconds).rate)
    return [figure]


@contextlib.contextmanager
def _command_cluster(plan: Plan):
    """What the FastAPI service produces to: one broker with the command topic."""
    with KafkaCluster(plan.folder / "kafka", brokers=1) as cluster:
        cluster.create_topic("device_commands", 4)
        yield cluster


def commands(plan: Plan) -> list[Figure]:
    """POST /api/v1/commands beside the FastAPI service: published before the answer, and `Prefer: respond-async`."""
    connections = 256
    with contextlib.ExitStack() as stack:
        cluster = stack.enter_context(_command_cluster(plan))
        one = stack.enter_context(FastAPI(plan.folder / "fastapi-1", cluster.servers, 1))
        two = stack.enter_context(FastAPI(plan.folder / "fastapi-2", cluster.servers, 2))
        flotilla = stack.enter_context(Flotilla(plan.folder / "flotilla"))
        headers = flotilla.headers()
        client = Client(flotilla, headers)

        what = f"POST commands, {connections} connections"
        published = Figure(f"{what}, published", [], "commands/s", one.name, [], least_ratio=5)
        latency = Figure("  p99 of these", [], "ms", one.name, [], most=60)
        beside_two = Figure("  these beside two workers", published.ours, "commands/s", two.name, [])
        accepted = Figure(f"{what}, respond-async", [], "commands/s", one.name, published.peer, least_ratio=8)
        sent = 0

        def load(service, headers, **more):
            return wrk(service, "commands.lua", COMMANDS, connections, plan.seconds, headers, **more)

        for _ in range(plan.rounds):
            ours = load(flotilla, headers)
            published.ours.append(ours.rate)
            latency.ours.append(ours.p99_ms)
            peers = load(one, one.headers())
            published.peer.append(peers.rate)
            latency.peer.append(peers.p99_ms)
            at_once = load(flotilla, headers | {"Prefer": "respond-async"})
            accepted.ours.append(at_once.rate)
            # What is still to be published would slow the next round.
            wait_until_published(client)
            beside_two.peer.append(load(two, two.headers()).rate)
            sent += ours.requests + at_once.requests

        counted = load(flotilla, headers, count_statuses=True)
        if set(counted.statuses) != {"200"}:
            raise RuntimeError(f"commands were to be answered with 200 once published, not {counted.statuses}")
        wait_until_published(client)
        sent += counted.requests
        # Beyond what wrk counted: what was under way when it stopped, and the probes.
        there = count_records(flotilla.folder / "state", "device_commands")
        if not sent <= there <= sent + (2 * plan.rounds + 1) * connections + plan.rounds + 1:
            raise RuntimeError(f"{sent} commands were answered, {there} are in device_commands")
    return [published, latency, beside_two, accepted]


def batches(plan: Plan) -> list[Figure]:
    """Batches of 1,000 commands: how fast they are accepted, durable, and how fast they are published."""
    size, connections = 1000, 4
    bodies = [
        json.dumps({"commands": [command(batch * size + number) for number in range(size)]}).encode()
        for batch in range(100)
    ]
    accepted = Figure("POST batches of 1,000, durable", [], "commands/s", least=100_000)
    published = Figure("  until all of them are published", [], "commands/s")
    with contextlib.ExitStack() as stack:
        cluster = stack.enter_context(_command_cluster(plan))
        peer = stack.enter_context(FastAPI(plan.folder / "fastapi", cluster.servers, 1))
        flotilla = stack.enter_context(Flotilla(plan.folder / "flotilla"))
        headers = flotilla.headers()
        client = Client(flotilla, headers)
        published.peer_name = accepted.peer_name = peer.name
        for _ in range(plan.rounds):
            begun = time.perf_counter()
            load = send_batches(flotilla, headers, bodies, connections, size)
            accepted.ours.append(load.rate)
            for request_id in load.last_request_ids:
                wait_for_command(client, request_id)
            published.ours.append(load.commands / (time.perf_counter() - begun))
            # The peer answers when Kafka has them: both figures are one. A tenth is enough of it.
            rate = send_batches(peer, peer.headers(), bodies[:10], connections, size).rate
            accepted.peer.append(rate)
            published.peer.append(rate)
        sent = plan.rounds * len(bodies) * size
        there = count_records(flotilla.folder / "state", "device_commands")
        if there != sent:
            raise RuntimeError(f"{sent} commands were sent in batches, {there} are in device_commands")
    return [accepted, published]


def log_append(plan: Plan) -> list[Figure]:
    """Group-committed appends beside a C loop that writes the same bytes with one fdatasync per 64 records."""
    loop = "C, 64 per fdatasync"
    appends = Figure("append 300 bytes, 64 writers", [], "appends/s", loop)
    syncs = Figure("  commits of these", [], "fsyncs/s", loop)
    for number in range(plan.rounds):
        for program, figures in (
            (PROJECT / ".build/release/LogAppend", (appends.ours, syncs.ours)),
            (HELPERS / "fsync_loop", (appends.peer, syncs.peer)),
        ):
            folder = plan.folder / f"log-{number}"
            folder.mkdir(parents=True, exist_ok=True)
            answer = subprocess.run(
                [str(program), str(folder), str(plan.seconds)], capture_output=True, text=True, check=True)
            values = json.loads(answer.stdout)
            figures[0].append(values["appends_per_second"])
            figures[1].append(values["fsyncs_per_second"])
    return [appends, syncs]


def idle(plan: Plan) -> list[Figure]:
    """What `flotilla up` costs when nobody asks it anything, and how soon it answers."""
    fresh = Figure("start to first answer, new state folder", [], "ms", most=300)
    again = Figure("start to first answer, the folder used before", [], "ms", most=300)
    for number in range(10):
        service = Flotilla(plan.folder / f"start-{number}")
        for figure in (fresh, again):
            figure.ours.append(service.start() * 1000)
            service.stop()
    memory = Figure("idle, sampling: resident memory", [], "MB", most=40)
    processor = Figure("  CPU of the next 30 s", [], "% of a core", most=1)
    with Flotilla(plan.folder / "idle") as flotilla:
        process = Path(f"/proc/{flotilla.process.pid}")
        time.sleep(20)
        memory.ours.append(int(re.search(r"VmRSS:\s+(\d+) kB", (process / "status").read_text())[1]) / 1024)
        before, begun = _processor_seconds(process), time.perf_counter()
        time.sleep(30)
        processor.ours.append(100 * (_processor_seconds(process) - before) / (time.perf_counter() - begun))
    return [memory, processor, fresh, again]


def _processor_seconds(process: Path) -> float:
    # Fields 14 and 15 of /proc/PID/stat, proc(5), counted behind the name, which may hold anything.
    fields = (process / "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


MEASUREMENTS = {
    "health": health, "commands": commands, "batches": batches, "log": log_append, "idle": idle,
    "rabbit-publish": rabbitmq_figures.publish, "rabbit-consume": rabbitmq_figures.consume,
    "rabbit-pingpong": rabbitmq_figures.pingpong,
    "kafka-append": kafka_figures.append, "kafka-single": kafka_figures.single, "kafka-consume": kafka_figures.consume,
    "kafka-pingpong": kafka_figures.pingpong,
    "sessions-list": views_figures.sessions_list, "history": views_figures.history,
    "fleet": fleet_figures.fleet,
    "stats-authenticated": access_figures.stats, "access-check": access_figures.check,
    "sample": host_figures.sample, "processes": host_figures.processes, "worker": host_figures.worker,
    "soak-memory": soak.memory,
}
# Asked for by name: it takes minutes by its nature.
LONG = ["soak-memory"]
