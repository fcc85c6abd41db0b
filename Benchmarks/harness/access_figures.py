"""What it costs to know who asks: an authenticated read beside its peers, and the check alone."""

import contextlib
import time
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from .load import wrk
from .plan import Plan
from .programs import answer
from .report import Figure
from .services import PROJECT, FastAPIStats, Flotilla, Nginx

STATS = "/api/v1/system/stats"


def stats(plan: Plan) -> list[Figure]:
    """GET /api/v1/system/stats with a token, beside nginx's `return 200` and FastAPI with PyJWT."""
    with contextlib.ExitStack() as stack:
        flotilla = stack.enter_context(Flotilla(plan.folder / "flotilla"))
        headers = flotilla.headers()
        body = _measured(flotilla, headers)
        nginx = stack.enter_context(Nginx(plan.folder / "nginx", body))
        # One secret for both, so that both check the same token.
        secret = (flotilla.folder / "state/jwt_secret").read_text().strip()
        peers = [
            stack.enter_context(FastAPIStats(plan.folder / f"fastapi-{workers}", secret, body, workers))
            for workers in (1, 2)
        ]
        what = "GET stats, authenticated, 64 connections"
        beside_nginx = Figure(what, [], "requests/s", nginx.name, [], least_ratio=0.5)
        beside = [
            Figure("  these", beside_nginx.ours, "requests/s", peers[0].name, [], least_ratio=10),
            Figure("  these beside two workers", beside_nginx.ours, "requests/s", peers[1].name, []),
        ]
        for _ in range(plan.rounds):
            beside_nginx.ours.append(wrk(flotilla, "get.lua", STATS, 64, plan.seconds, headers).rate)
            beside_nginx.peer.append(wrk(nginx, "get.lua", "/health", 64, plan.seconds).rate)
            for peer, figure in zip(peers, beside):
                figure.peer.append(wrk(peer, "get.lua", STATS, 64, plan.seconds, headers).rate)
    return [beside_nginx, *beside]


def _measured(flotilla: Flotilla, headers: dict[str, str]) -> str:
    """The statistics, once the host was measured twice."""
    deadline = time.monotonic() + 30
    while True:
        try:
            return urlopen(Request(flotilla.url + STATS, headers=headers)).read().decode()
        except HTTPError as error:
            if error.code != 503 or time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def check(plan: Plan) -> list[Figure]:
    """The check of a request's token and permission, in process."""
    seen = Figure("access check, token seen before", [], "µs", most=5)
    unseen = Figure("  token never seen before", [], "µs", most=60)
    for number in range(plan.rounds):
        folder = plan.folder / f"state-{number}"
        folder.mkdir(parents=True, exist_ok=True)
        values = answer(PROJECT / ".build/release/AccessCheck", folder, plan.seconds)
        seen.ours.append(values["seen"])
        unseen.ours.append(values["unseen"])
    return [seen, unseen]
