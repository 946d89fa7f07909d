"""The API answers as /openapi.json says, whatever is sent: schemathesis draws examples from the description.

A short run of drawn examples belongs to every test run. ANSWERFIRST_EXAMPLES=1000 draws that many for each
operation.
"""

import os
from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from deflector.web.openapi import DESCRIPTION

EXAMPLES = int(os.environ.get("ANSWERFIRST_EXAMPLES", "12"))
OPERATIONS = [
    (mode, method.upper(), path)
    for path, methods in DESCRIPTION["paths"].items()
    for method, operation in methods.items()
    for mode in GenerationMode
    # What takes nothing cannot be sent anything wrong.
    if mode is GenerationMode.POSITIVE or {"parameters", "requestBody"} & set(operation)
]
# Operations that want a token of the desk's own; without one every answer is a refusal.
FOR_PROGRAMS = {"/api/tickets/{number}/state", "/api/figures"}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.mark.parametrize(
    ("mode", "method", "path"), OPERATIONS, ids=[f"{mode.value}-{path}" for mode, _, path in OPERATIONS]
)
def test_every_answer_is_one_that_the_description_names(
    app: Flask, client: FlaskClient, mode: GenerationMode, method: str, path: str
) -> None:
    key = client.post("/api/enquiries", json={}).get_json()
    schema = schemathesis.openapi.from_wsgi("/openapi.json", app)
    drawn: st.SearchStrategy[Any] = schema[path][method].as_strategy(generation_mode=mode)

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=drawn)
    def answer(case: Any) -> None:
        if mode is GenerationMode.POSITIVE:  # an enquiry that exists, or every answer would be the same 403
            for drawn_values in (case.path_parameters, case.query):
                if "enquiry" in drawn_values:
                    drawn_values["enquiry"] = key["enquiry"]
                    case.headers["X-Enquiry-Token"] = key["token"]
        answered = case.call_and_validate(checks=CHECKS)
        statuses.add(answered.status_code)

    statuses: set[int] = set()
    answer()
    locked = statuses <= {401, 403, 404, 422}  # programs of the desk, which show a token, and we have none
    assert (
        any(status < 300 for status in statuses)
        or mode is GenerationMode.NEGATIVE
        or (path in FOR_PROGRAMS and locked)
    )
