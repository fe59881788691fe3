"""The stored graph: what an edge takes, how fast edges are written, how fast one thing's edges are read, and DuckDB over the same rows.

make bench-graph [JSON=out.json]                       ten million edges
python bench/graph.py --edges 1000000 [--json OUT]     fewer

Edges are those of the LSASS campaigns, written again and again until there are so many: with each copy the numbers of its things and their
names are rewritten and its times moved by a day, except that addresses, domains, accounts and hosts stay the same things, so that they
become hubs. Building runs in a process of its own, whose peak memory is told. A question is a thing's newest 100 edges in one direction: of
ordinary things (ends of edges drawn by chance) at any time, of hubs within the middle half of the record; files are in the page cache.
DuckDB has two threads and a gigabyte, as in the product.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from resident import peak_rss

from watchkeeper.ingest import read
from watchkeeper.lake import EdgeWriter, Graph
from watchkeeper.lake.searching import CONFIG
from watchkeeper.model.batch import Batch
from watchkeeper.model.edges import EDGES, Around
from watchkeeper.tracing.edges import Extraction

DATA = Path(os.environ.get("WATCHKEEPER_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
SHARED = r"^(address|domain|user|host)\|"
PART, DAY, LIMIT = 100_000, timedelta(days=1), 100
ORDINARY, HUBS, BY_SCAN = 1_000, 20, 12
Ask = Callable[..., Any]
Span = tuple[datetime, datetime]


def real(folder: Path) -> tuple[pa.Table, pa.Table, dict[str, float]]:
    """Extract the campaigns' edges; give them, the things in them, and what that cost."""
    edges, things = [EDGES.empty_table()], []
    extraction, spent, events = Extraction(), 0.0, 0
    for item in read(sorted(path for path in folder.glob("LSASS_*") if path.is_dir())):
        if isinstance(item, Batch):
            began = time.process_time()
            found, named = extraction.of(item)
            spent += time.process_time() - began
            edges.append(found)
            things.append(named)
            events += item.table.num_rows
    table = pa.concat_tables(edges)
    named = (
        pa.concat_tables(things)
        .group_by("id", use_threads=False)
        .aggregate([("key", "first"), ("label", "first")])
        .rename_columns(["id", "key", "label"])
    )
    named = named.filter(pc.is_in(named["id"], value_set=pa.concat_arrays([table[end].combine_chunks() for end in ("source", "target")])))
    return table, named, {"events": events, "edges": table.num_rows, "things": named.num_rows, "cpu_us_an_event": 1e6 * spent / events}


def copies(edges: pa.Table, things: pa.Table, wanted: int) -> Iterator[tuple[pa.Table, pa.Table]]:
    """Yield the edges and things of one copy after the other, at most so many edges in all."""
    shared = things["id"].to_numpy()[pc.match_substring_regex(things["key"], SHARED).to_numpy()]
    draw, made, number = np.random.default_rng(11), 0, 0
    while made < wanted:
        mark = np.uint64(draw.integers(1, 1 << 63)) if number else np.uint64(0)

        def marked(column: Any, mark: np.uint64 = mark) -> pa.Array:
            ids = column.to_numpy()
            return pa.array(np.where(np.isin(ids, shared), ids, ids ^ mark))

        table = edges.slice(0, wanted - made)
        times = pc.add(table["time"], pa.scalar(number * DAY))
        moved = pa.table([marked(table["source"]), marked(table["target"]), table["kind"], times, table["row"]], schema=EDGES)
        suffix = f"~{number}" if number else ""
        yield (
            moved,
            things.set_column(0, "id", marked(things["id"])).set_column(
                1, "key", pc.binary_join_element_wise(things["key"].cast(pa.string()), suffix, "")
            ),
        )
        made += table.num_rows
        number += 1


def build(source: Path, folder: Path, wanted: int) -> dict[str, float]:
    """Write the copies as a graph, and as plain Parquet for the scan; give the cost of the graph alone."""
    edges, things = pq.read_table(source / "edges.parquet", schema=EDGES), pq.read_table(source / "things.parquet")
    writer, plain = EdgeWriter(folder / "graph"), pq.ParquetWriter(folder / "plain.parquet", EDGES, compression="zstd")
    wall = cpu = 0.0
    part = 0
    for table, named in copies(edges, things, wanted):
        plain.write_table(table, row_group_size=122_880)
        for first in range(0, table.num_rows, PART):
            began, used = time.perf_counter(), time.process_time()
            writer.add((table.slice(first, PART), named), 0)
            writer.flush(f"part-{part:05d}.parquet", 200_000)
            wall, cpu, part = wall + time.perf_counter() - began, cpu + time.process_time() - used, part + 1
    plain.close()
    return {"wall_s": wall, "cpu_s": cpu, "edges_a_cpu_second": wanted / cpu, "peak_mib": peak_rss() / 1024**2}


def questions(plain: Path) -> tuple[list[tuple[int, bool]], list[tuple[int, bool]], Span, Span]:
    """Draw things from edges, and take those with the most edges; then the whole time and its middle half."""
    database = duckdb.connect(config=CONFIG)
    rows = database.execute(f"SELECT source, target FROM '{plain}' USING SAMPLE {ORDINARY} ROWS (reservoir, 11)").fetchall()  # noqa: S608 -- our own path
    ordinary = [(row[number % 2], number % 2 == 1) for number, row in enumerate(rows)]
    hubs: list[tuple[int, bool]] = []
    for end, back in (("source", False), ("target", True)):
        top = database.execute(f"SELECT {end} FROM '{plain}' GROUP BY 1 ORDER BY count(*) DESC LIMIT {HUBS // 2}").fetchall()  # noqa: S608 -- our own path
        hubs += [(row[0], back) for row in top]
    low, high = database.execute(f"SELECT epoch_us(min(time)), epoch_us(max(time)) FROM '{plain}'").fetchall()[0]  # noqa: S608 -- our own path
    at = [datetime.fromtimestamp((low + (high - low) * share) / 1e6, UTC) for share in (0, 0.25, 0.75, 1)]
    return ordinary, hubs, (at[0], at[3] + DAY), (at[1], at[2])


def timed(ask: Ask, asked: Sequence[tuple[int, bool]]) -> list[tuple[float, float]]:
    """Give each question's milliseconds, by the clock and of processors: on a busy machine the first counts what others do."""
    taken: list[tuple[float, float]] = []
    for thing, back in asked:
        began, used = time.perf_counter(), time.process_time()
        ask(thing, back=back)
        taken.append((1000 * (time.perf_counter() - began), 1000 * (time.process_time() - used)))
    return taken


def scan(parquet: Path, span: Span) -> Ask:
    database = duckdb.connect(config=CONFIG)
    low, high = (round(moment.timestamp() * 1e6) for moment in span)

    def ask(thing: int, *, back: bool) -> Any:
        end = "target" if back else "source"
        sql = f"SELECT source, target, kind, epoch_us(time) AS t, row FROM '{parquet}' WHERE {end} = ? AND epoch_us(time) BETWEEN ? AND ? ORDER BY t DESC LIMIT {LIMIT}"  # noqa: S608, E501 -- our own path
        return database.execute(sql, [thing, low, high]).fetchall()

    return ask


def _agree(ask: Ask, plain: Ask, asked: Sequence[tuple[int, bool]]) -> None:
    """Refuse to measure answers that differ.

    Raises:
        RuntimeError: they do.
    """
    for thing, back in asked:
        ours = ask(thing, back=back)["time"].cast(pa.int64()).to_pylist()
        if ours != [row[3] for row in plain(thing, back=back)]:
            raise RuntimeError(f"the graph and the scan disagree about {thing}")


def spread(taken: Sequence[tuple[float, float]]) -> dict[str, float]:
    wall, cpu = (np.array(column) for column in zip(*taken, strict=True))
    shares = {
        f"p{share}_{name}": float(np.percentile(column, share)) for name, column in (("ms", wall), ("cpu_ms", cpu)) for share in (50, 99)
    }
    return {**shares, "questions": len(taken)}


def measured(folder: Path) -> dict[str, Any]:
    """Ask the graph and DuckDB the same; refuse to report where they disagree."""
    began = time.perf_counter()
    graph = Graph(folder / "graph")
    opened = 1000 * (time.perf_counter() - began)
    ordinary, hubs, whole, middle = questions(folder / "plain.parquet")

    def read_by(span: Span) -> Ask:
        return lambda thing, *, back: graph.edges(thing, Around(back=back, start=span[0], end=span[1], newest=True, limit=LIMIT))[0]

    database = duckdb.connect(config=CONFIG)
    began = time.perf_counter()
    sorted_path = folder / "sorted.parquet"
    database.execute(f"COPY (SELECT * FROM '{folder / 'plain.parquet'}' ORDER BY source, time) TO '{sorted_path}' (COMPRESSION zstd)")  # noqa: S608 -- our own path
    sorting = time.perf_counter() - began
    outward = [question for question in ordinary if not question[1]][:BY_SCAN]
    figures = {"open_ms": opened, "segments": len(list((folder / "graph").iterdir())), "sorting_s": sorting}
    for name, asked, span in (("ordinary", ordinary, whole), ("hubs", hubs, middle)):
        ask, plain, few = read_by(span), scan(folder / "plain.parquet", span), asked[:: max(1, len(asked) // BY_SCAN)]
        _agree(ask, plain, few)
        timed(ask, asked)  # maps the pages
        figures[name] = {"graph": spread(timed(ask, asked)), "scan": spread(timed(plain, few))}
        for share in ("p50_ms", "p50_cpu_ms"):
            figures[name][f"scan / graph {share}"] = figures[name]["scan"][share] / figures[name]["graph"][share]
    figures["outward, Parquet sorted by source"] = spread(timed(scan(sorted_path, whole), outward))
    return figures


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--edges", type=int, default=10_000_000)
    options.add_argument("--json", type=Path, help="write every figure there")
    options.add_argument("--build", type=Path, nargs=2, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.build:
        print(json.dumps(build(*chosen.build, chosen.edges)))
        return 0
    with TemporaryDirectory(prefix="watchkeeper-bench-") as name:
        folder = Path(name)
        edges, things, extracting = real(DATA / "otrf" / "compound")
        pq.write_table(edges, folder / "edges.parquet")
        pq.write_table(things, folder / "things.parquet")
        words = [sys.executable, __file__, "--edges", str(chosen.edges), "--build", name, name]
        building = json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout)
        size = {path: sum(file.stat().st_size for file in (folder / path).rglob("*.npy")) for path in ("graph",)}["graph"]
        figures = {
            "edges": chosen.edges,
            "extracting": extracting,
            "building": building,
            "bytes_an_edge": size / chosen.edges,
            "bytes_an_edge_without_names": (size - sum(file.stat().st_size for file in folder.rglob("names*.npy"))) / chosen.edges,
            **measured(folder),
        }
    print(json.dumps(figures, indent=1))
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
