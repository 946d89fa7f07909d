"""Build the index of a catalogue in a process of its own: `python -m deflector.search.building`."""

import os
import sys
from pathlib import Path

from deflector.knowledge import Knowledge
from deflector.search.encoder import OnnxEncoder
from deflector.search.engines import ENGINES
from deflector.search.snapshot import Indexer
from deflector.search.store import IndexFolders

POLITE = 10  # the questions that are asked meanwhile go first


def main(catalogue: str, var: str, engine: str, model: str | None = None) -> None:
    """Build the index unless it is there."""
    os.nice(POLITE)
    indexer = Indexer(
        engine=ENGINES[engine](),
        encoder=OnnxEncoder(Path(model)) if model else None,
        folders=IndexFolders(Path(var)),
    )
    indexer.build(Knowledge.load(Path(catalogue)))


if __name__ == "__main__":
    main(*sys.argv[1:])
