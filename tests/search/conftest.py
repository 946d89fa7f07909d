"""A small help centre to search in, and the sentence model where it is prepared."""

from pathlib import Path

import pytest

from deflector.knowledge import KnowledgeFile
from deflector.search.encoder import OnnxEncoder
from deflector.search.pipeline import SearchPipeline, open_search
from tests.needs import missing
from tests.search.help_centre import ARTICLES, SYNONYMS, write_catalogue

MODEL = Path(__file__).parents[2] / "var" / "models" / "all-MiniLM-L6-v2"


@pytest.fixture(scope="session")
def model() -> Path:
    """The folder of the prepared sentence model."""
    if not (MODEL / "model.onnx").exists():
        missing("The sentence model", "`make setup` prepares it.")
    return MODEL


@pytest.fixture(scope="session")
def encoder(model: Path) -> OnnxEncoder:
    return OnnxEncoder(model)


@pytest.fixture(scope="session")
def help_centre(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The catalogue of the small help centre; do not change it."""
    folder = tmp_path_factory.mktemp("help-centre")
    return write_catalogue(folder / "catalogue.json", ARTICLES, synonyms=SYNONYMS, languages=["en", "es"])


@pytest.fixture(scope="session", params=["tantivy", "whoosh"])
def by_words(
    request: pytest.FixtureRequest, help_centre: Path, tmp_path_factory: pytest.TempPathFactory
) -> SearchPipeline:
    """Search by words alone, with each engine."""
    var = tmp_path_factory.mktemp("var")
    return open_search(knowledge=KnowledgeFile(help_centre), engine=request.param, var=var)


@pytest.fixture(scope="session")
def by_meaning(help_centre: Path, model: Path, tmp_path_factory: pytest.TempPathFactory) -> SearchPipeline:
    """Search by words and meaning."""
    return open_search(knowledge=KnowledgeFile(help_centre), var=tmp_path_factory.mktemp("var"), model=model)
