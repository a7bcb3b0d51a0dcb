"""The verb that asks a release."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from service.cli.verbs import Verbs, add_dist, release_of, text_of
from service.settings import Settings

if TYPE_CHECKING:
    from service.names import Names


def add_verbs(verbs: Verbs) -> None:
    """Add the verbs of this family."""
    query = verbs.add(
        "query",
        _query,
        "ask the release a SPARQL query, without a server",
        "  cdmo query 'ASK { ?s ?p ?o }'\n  cdmo query --format csv @question.rq\n",
    )
    query.add_argument("query", help="the query, or @FILE, or - for standard input")
    query.add_argument(
        "--format",
        default="table",
        choices=["table", "json", "csv", "tsv", "xml"],
        help="for rows (default table); graphs are always Turtle",
    )
    query.add_argument("--release", type=Path, help="ask this release folder")
    add_dist(query)


def _query(arguments: argparse.Namespace) -> None:
    import asyncio

    from service import formats
    from service.endpoint import Endpoint
    from service.engine.pool import Pool
    from service.names import Names
    from service.sparql.protocol import Query

    text: str = arguments.query
    if text == "-":
        text = sys.stdin.read()
    elif text.startswith("@"):
        text = text_of(Path(text[1:]))
    release = release_of(arguments)
    names = Names(release.manifest.prefixes)
    missing = [f"PREFIX {p}: <{ns}> " for p, ns in names.prefixes.items() if f"{p}:" in text]
    pool = Pool(release, Settings.from_environment(os.environ))
    endpoint = Endpoint(release, pool)
    table = arguments.format == "table"
    solutions = formats.JSON if table else formats.by_name(arguments.format, formats.SOLUTIONS)
    wanted = solutions.media_type if solutions else ""
    accept = f"{wanted}, {formats.TURTLE.media_type};q=0.9"

    async def run() -> tuple[str, bytes]:
        await pool.start()
        try:
            query = Query("".join(missing) + text)
            result, data = await endpoint.answer_whole(endpoint.plan(query, accept))
            return result.kind, data
        finally:
            await pool.close()

    kind, data = asyncio.run(run())
    if not table or kind == "graph":
        sys.stdout.buffer.write(data)
    elif kind == "boolean":
        print("yes" if json.loads(data)["boolean"] else "no")
    else:
        _print_table(json.loads(data), names)


def _print_table(result: dict[str, Any], names: "Names") -> None:
    """Print a solution sequence as aligned columns, IRIs as CURIEs, unbound as nothing."""
    header = result["head"]["vars"]
    rows = [header]
    for solution in result["results"]["bindings"]:
        values = [solution.get(name, {}).get("value", "") for name in header]
        rows.append([names.curie(value) or value for value in values])
    widths = [max(len(row[i]) for row in rows) for i in range(len(header))]
    rows.insert(1, ["-" * width for width in widths])
    for row in rows:
        print("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip())
