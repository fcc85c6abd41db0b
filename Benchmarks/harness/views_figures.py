"""Reads of views that are as large as they get: a million sessions, and the history of hosts after a year."""

import contextlib
import json
import shutil
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from urllib.request import Request, urlopen

from .load import wrk
from .plan import Plan
from .programs import answer
from .report import Figure
from .services import PROJECT, Flotilla

VIEWS_BENCH = PROJECT / ".build/release/ViewsBench"

SESSIONS = 1_000_000
# The owner of a quarter of the sessions that ViewsBench makes.
OWNER = "7"
PAGE = 50
# Page 1,000.
SKIP = 999 * PAGE
# Clients that ask all the time: as many as are read for at once, and as many again that wait.
CONNECTIONS = 4

HOSTS = 100
# Of each host: what a sample a second leaves, and the samples that this stands for.
SAMPLES_OF_A_YEAR = 8760 * 3600


def sessions_list(plan: Plan) -> list[Figure]:
    """Page 1 and page 1,000 of a million sessions, by owner and status, beside the query that skips and counts rows."""
    with _views(plan, "sessions", SESSIONS) as (flotilla, fill, views):
        headers = flotilla.headers()
        figures = _fill_figures(fill, "events")
        filters = {
            "all": ("", None, None), "of one owner": (f"&user_filter={OWNER}", OWNER, None),
            "completed": ("&status_filter=completed", None, "completed"),
            "completed, of one owner": (
                f"&user_filter={OWNER}&status_filter=completed", OWNER, "completed"),
        }
        pages = {"page 1": 0, "page 1,000": SKIP}
        found: dict[tuple[str, str], tuple[Figure, Figure]] = {}
        for what, (query, owner, status) in filters.items():
            for page, skip in pages.items():
                path = f"/api/v1/hardware/optimize?limit={PAGE}&skip={skip}{query}"
                _check_page(flotilla, headers, path, _plain_page(views, owner, status, skip))
                p99 = Figure(f"list {what}, {page}: p99", [], "ms", "plain query", [], most=10)
                found[what, page] = p99, Figure("  p50 of these", [], "ms")
        last = Figure("list all, the last page: p99", [], "ms")
        for _ in range(plan.rounds):
            for (what, page), (p99, p50) in found.items():
                query, owner, status = filters[what]
                path = f"/api/v1/hardware/optimize?limit={PAGE}&skip={pages[page]}{query}"
                load = wrk(flotilla, "get.lua", path, CONNECTIONS, plan.seconds, headers)
                p99.ours.append(load.p99_ms)
                p50.ours.append(load.p50_ms)
                p99.peer.append(_plain_milliseconds(views, owner, status, pages[page]))
            path = f"/api/v1/hardware/optimize?limit={PAGE}&skip={SESSIONS - PAGE}"
            last.ours.append(wrk(flotilla, "get.lua", path, CONNECTIONS, plan.seconds, headers).p99_ms)
    pruned = answer(VIEWS_BENCH, "prune", plan.folder / "copy.db", SESSIONS)
    if not pruned["is_done"]:
        raise RuntimeError(f"{pruned['slices']} slices did not delete every session")
    figures += [
        Figure("sessions deleted at the end of their time", [SESSIONS / pruned["seconds"]], "sessions/s"),
        Figure("  slice of the upkeep, median", [1000 * pruned["median_seconds"]], "ms"),
        Figure("  slice of the upkeep, longest", [1000 * pruned["longest_seconds"]], "ms"),
    ]
    return figures + [figure for pair in found.values() for figure in pair] + [last]


def history(plan: Plan) -> list[Figure]:
    """The history of one of a hundred hosts, from the tier of its span."""
    with _views(plan, "samples", HOSTS) as (flotilla, fill, _):
        headers = flotilla.headers()
        figures = _fill_figures(fill, "samples")
        figures.append(Figure("  samples that the rows stand for", [HOSTS * SAMPLES_OF_A_YEAR], "samples"))
        found = {
            hours: (
                Figure(f"history of {hours} h, one client: p99", [], "ms", most=20), Figure("  p50 of these", [], "ms"),
                Figure(f"  {CONNECTIONS} clients that ask all the time: p99", [], "ms"))
            for hours in (1, 24, 168, 8760)
        }
        for _ in range(plan.rounds):
            for hours, (p99, p50, p99_of_many) in found.items():
                path = f"/api/v1/system/stats/history?host=bench-{HOSTS // 2}&hours={hours}"
                count = _get(flotilla, headers, path)["total_count"]
                if not 500 <= count <= 1000:
                    raise RuntimeError(f"the history of {hours} h has {count} records")
                load = wrk(flotilla, "get.lua", path, 1, plan.seconds, headers)
                p99.ours.append(load.p99_ms)
                p50.ours.append(load.p50_ms)
                p99_of_many.ours.append(wrk(flotilla, "get.lua", path, CONNECTIONS, plan.seconds, headers).p99_ms)
        figures += [figure for three in found.values() for figure in three]
        return figures + _range_figures(plan, flotilla, headers)


def _range_figures(plan: Plan, flotilla: Flotilla, headers: dict[str, str]) -> list[Figure]:
    """The range query for charts, with every statistic, and the analyses."""
    host = f"host=bench-{HOSTS // 2}"
    history = f"/api/v1/hardware/metrics/history?{host}"
    four = "&metrics=cpu_percent,memory_percent,disk_percent,network_received_bytes_per_second"
    ranges = {
        "a week at about 300 points, every metric": ("&hours=168", 15),
        "a week at about 300 points, four metrics": (f"&hours=168{four}", 15),
        "a week at 5,040 points of two minutes, one metric": ("&hours=168&step=120&metrics=cpu_percent", None),
        "an hour at about 300 points, every metric": ("&hours=1", None),
        "a year at about 300 points, every metric": ("&hours=8760", None),
    }
    found: dict[str, tuple[Figure, Figure]] = {}
    paths: dict[str, str] = {}
    for what, (query, most) in ranges.items():
        paths[what] = history + query
        answer = _get(flotilla, headers, paths[what])
        points = len(answer["timestamps"])
        known = sum(value is not None for value in answer["metrics"]["cpu_percent"]["max"])
        if not 250 <= points <= 5042 or known < 0.8 * points:
            raise RuntimeError(f"{paths[what]} has {known} of {points} points")
        found[what] = Figure(f"range of {what}: p99", [], "ms", most=most), Figure("  p50 of these", [], "ms")
    for what, path in {
        "performance of a day": "performance?time_window_hours=24", "performance of a week": "performance?time_window_hours=168",
        "capacity": "capacity?forecast_days=90",
    }.items():
        paths[what] = f"/api/v1/hardware/analyze/{path}&{host}"
        found[what] = Figure(f"analysis of {what}: p99", [], "ms"), Figure("  p50 of these", [], "ms")
    for _ in range(plan.rounds):
        for what, (p99, p50) in found.items():
            load = wrk(flotilla, "get.lua", paths[what], 1, plan.seconds, headers)
            p99.ours.append(load.p99_ms)
            p50.ours.append(load.p50_ms)
    return [figure for pair in found.values() for figure in pair]


@contextlib.contextmanager
def _views(plan: Plan, fill: str, count: int) -> Iterator[tuple[Flotilla, dict, Path]]:
    """A `flotilla up` whose views were filled by the projections' own code before it started; `copy.db` is as it began."""
    flotilla = Flotilla(plan.folder / "flotilla")
    state = plan.folder / "flotilla/state"
    state.mkdir(mode=0o700, parents=True)
    filled = answer(VIEWS_BENCH, fill, state / "views.db", count)
    shutil.copy(state / "views.db", plan.folder / "copy.db")
    with flotilla:
        yield flotilla, filled, state / "views.db"


def _fill_figures(fill: dict, what: str) -> list[Figure]:
    """What was applied to the views, how fast, and what is left of it."""
    return [
        Figure(f"{what} applied to the views", [fill["records"] / fill["seconds"]], f"{what}/s"),
        Figure(f"  {what} of these", [fill["records"]], what),
        *(Figure(f"  rows of {table} that remain", [rows], "rows") for table, rows in fill["rows"].items()),
        Figure("  views.db", [fill["bytes"] / 1e6], "MB"),
        Figure("  longest transaction of 1,000", [1000 * fill["slowest_batch_seconds"]], "ms"),
        Figure("  longest slice of the upkeep", [1000 * fill["slowest_slice_seconds"]], "ms"),
    ]


def _get(flotilla: Flotilla, headers: dict[str, str], path: str) -> dict:
    with urlopen(Request(flotilla.url + path, headers=headers)) as response:
        return json.load(response)


def _check_page(flotilla: Flotilla, headers: dict[str, str], path: str, wanted: tuple[list[str], int]) -> None:
    """Raises unless the answer is the page that the plain query finds."""
    body = _get(flotilla, headers, path)
    page = [task["task_id"] for task in body["tasks"]], body["total"]
    if page != wanted or len(page[0]) != PAGE:
        raise RuntimeError(f"{path} answers {len(page[0])} of {page[1]} sessions, not {len(wanted[0])} of {wanted[1]}")


def _plain_page(views: Path, owner: str | None, status: str | None, skip: int) -> tuple[list[str], int]:
    """One statement for every filter, which skips rows, and one that counts them: how a list is usually written."""
    matching = "(?1 IS NULL OR owner = ?1) AND (?2 IS NULL OR status = ?2)"
    connection = sqlite3.connect(f"file:{views}?mode=ro", uri=True)
    try:
        page = connection.execute(
            f"SELECT id, status, owner, host, type, dry_run, requested_at, updated_at, error, result FROM optimizations "
            f"WHERE {matching} ORDER BY requested_at DESC, number DESC LIMIT ?3 OFFSET ?4", [owner, status, PAGE, skip],
        ).fetchall()
        total = connection.execute(f"SELECT count(*) FROM optimizations WHERE {matching}", [owner, status]).fetchone()
        return [row[0] for row in page], total[0]
    finally:
        connection.close()


def _plain_milliseconds(views: Path, owner: str | None, status: str | None, skip: int) -> float:
    """The median of three, without HTTP, with a connection of its own each, as far as the files are cached already."""
    taken = []
    for _ in range(3):
        begun = time.perf_counter()
        _plain_page(views, owner, status, skip)
        taken.append(1000 * (time.perf_counter() - begun))
    return median(taken)
