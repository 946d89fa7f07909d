"""`deflector export`: the daily figures as files, for other tools."""

import csv
from collections.abc import Iterable
from pathlib import Path

import click

from deflector.commands.environment import (
    Failure,
    open_store,
    read_settings,
    read_support,
    said_in_a_sentence,
)
from deflector.measures.rollup import catch_up


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--format", "form", type=click.Choice(["csv", "parquet"]), default="csv", show_default=True)
@said_in_a_sentence
def export(folder: Path, form: str) -> None:
    """Write the daily figures into FOLDER: outcomes and articles. No word of anybody is in them.

    \b
    deflector export figures
    deflector export figures --format parquet       needs answerfirst[parquet]
    """
    settings = read_settings()
    zone = read_support(settings).hours.time_zone
    store = open_store(settings)
    catch_up(store, zone)
    with store.reading() as tx:
        tables = {name: tx.figures.daily(name) for name in ("outcomes", "articles")}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, (header, rows) in tables.items():
            path = folder / f"{name}.csv"
            count = _write_csv(path, header, rows)
            if form == "parquet":
                path = _as_parquet(path)
            click.echo(f"{path}: {count} rows")
    except OSError as exc:
        raise Failure(f"{folder}: cannot be written ({exc.strerror}). Name another folder.") from None


def _write_csv(path: Path, header: Iterable[str], rows: Iterable[Iterable[object]]) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(list(header))
        for row in rows:
            writer.writerow(list(row))
            count += 1
    return count


def _as_parquet(path: Path) -> Path:
    """Write a CSV file once more as Parquet, and remove it."""
    try:
        import duckdb
    except ImportError:
        raise Failure("Parquet needs DuckDB: pip install answerfirst[parquet]. CSV works without.") from None
    into = path.with_suffix(".parquet")
    with duckdb.connect() as connection:
        connection.read_csv(str(path), header=True).write_parquet(str(into))
    path.unlink()
    return into
