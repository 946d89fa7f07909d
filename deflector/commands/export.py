"""`deflector export`: the daily figures, and the events behind them, as files for other tools."""

import csv
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path

import click

from deflector.commands.environment import (
    Failure,
    open_store,
    read_settings,
    read_support,
    said_in_a_sentence,
)
from deflector.commands.report import since_option, until_option, zoned
from deflector.measures.rollup import catch_up
from deflector.store.event_rows import HEADER, event_rows

Rows = Iterable[Sequence[object]]


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--format", "form", type=click.Choice(["csv", "json", "parquet"]), default="csv", show_default=True
)
@click.option("--events", "with_events", is_flag=True, help="Also every event, one to a row.")
@since_option
@until_option
@said_in_a_sentence
def export(
    folder: Path, form: str, since: datetime | None, until: datetime | None, *, with_events: bool
) -> None:
    """Write the daily figures into FOLDER: outcomes and articles. No word of anybody is in them.

    \b
    deflector export figures
    deflector export figures --events --since 2026-11-01 --format json    JSON, one object to a line
    deflector export figures --format parquet       needs answerfirst[parquet]

    --since and --until are for the events; the daily figures are few, and all of them are written.
    docs/measuring.md says what each column means.
    """
    settings = read_settings()
    zone = read_support(settings).hours.time_zone
    in_zone = zoned(zone)
    store = open_store(settings)
    catch_up(store, zone)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with store.reading() as tx:
            for name in ("outcomes", "articles"):
                _write(folder / name, form, *tx.figures.daily(name))
            if with_events:
                rows = event_rows(tx.connection, since=in_zone(since), until=in_zone(until))
                _write(folder / "events", form, HEADER, rows)
    except OSError as exc:
        raise Failure(f"{folder}: cannot be written ({exc.strerror}). Name another folder.") from None


def _write(stem: Path, form: str, header: Sequence[str], rows: Rows) -> None:
    suffix, write = _WRITERS[form]
    path = stem.with_suffix(suffix)
    count = write(path, header, rows)
    click.echo(f"{path}: {count} rows")


def _as_csv(path: Path, header: Sequence[str], rows: Rows) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for row in rows:
            writer.writerow(row)
            count += 1
    return count


def _as_json(path: Path, header: Sequence[str], rows: Rows) -> int:
    """Write an object to a line, without what a row does not have."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            told = {name: value for name, value in zip(header, row, strict=True) if value is not None}
            file.write(json.dumps(told, ensure_ascii=False) + "\n")
            count += 1
    return count


def _as_parquet(path: Path, header: Sequence[str], rows: Rows) -> int:
    try:
        import duckdb
    except ImportError:
        raise Failure("Parquet needs DuckDB: pip install answerfirst[parquet]. CSV works without.") from None
    between = path.with_suffix(".part.csv")
    count = _as_csv(between, header, rows)
    try:
        with duckdb.connect() as connection:
            # Of a column that is empty for long, the first rows do not tell the type.
            connection.read_csv(str(between), header=True, sample_size=-1).write_parquet(str(path))
    finally:
        between.unlink()
    return count


_WRITERS: dict[str, tuple[str, Callable[[Path, Sequence[str], Rows], int]]] = {
    "csv": (".csv", _as_csv),
    "json": (".jsonl", _as_json),
    "parquet": (".parquet", _as_parquet),
}
