"""In which order the tests run."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, so that no process is left alone with one in the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
