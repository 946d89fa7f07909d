"""A dashboard with two members of staff."""

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient

from deflector.roles import StaffRole
from deflector.staff import StaffDoor
from deflector.web.services import Services

PASSWORD = "correct horse battery"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def door(app: Flask) -> StaffDoor:
    """The application's own door, with hashes that cost little."""
    held: Services = app.extensions["answerfirst"]
    door = StaffDoor(store=held.store, now=held.now, hasher=CHEAP)
    app.extensions["answerfirst-staff"] = door
    door.add("maya", PASSWORD, StaffRole.LEAD)
    door.add("jon", PASSWORD, StaffRole.VIEWER)
    return door


@pytest.fixture
def client(app: Flask, door: StaffDoor) -> FlaskClient:
    return app.test_client()
