"""The API's description (OpenAPI 3.1), served at /openapi.json. Tests hold it against the views."""

from typing import Any

from deflector.outcomes.reasons import REASONS
from deflector.web import figures_api
from deflector.web.contact_message import LONGEST_MESSAGE, LONGEST_NAME, LONGEST_SUBJECT

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_WHOLE: Schema = {"type": "integer", "minimum": 0, "maximum": 1_000_000}
_ARTICLE: Schema = {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$"}
_KEY: Schema = {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,32}$"}
_TOKEN: Schema = {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"}


def _object(required: list[str], **properties: Schema) -> Schema:
    return {"type": "object", "required": required, "properties": properties}


def _json(schema: Schema, description: str, media: str = "application/json") -> Schema:
    return {"description": description, "content": {media: {"schema": schema}}}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _problem(description: str) -> Schema:
    return _json(_ref("Problem"), description, "application/problem+json")


def _body(schema: Schema, *, required: bool = True) -> Schema:
    return {"required": required, "content": {"application/json": {"schema": schema}}}


_REASON = f"One of {', '.join(REASONS)}; other words are counted as other, and kept redacted for a while."

_TOO_MANY = _problem("Too many requests from one address or network. Go on after Retry-After seconds.")
_TOO_MANY["headers"] = {"Retry-After": {"schema": {"type": "integer", "minimum": 1}}}

_BAD_JSON: Schema = {
    "400": _problem("The body is not JSON that can be meant."),
    "413": _problem("The body is too large."),
    "415": _problem("The body is not declared as JSON."),
    "422": _problem("A field has a value that it cannot have."),
    "429": _TOO_MANY,
}

_TOKEN_HEADER: Schema = {
    "name": "X-Enquiry-Token",
    "in": "header",
    "description": "The token of the enquiry; it may stand in the body as `token` instead.",
    "schema": _TOKEN,
}

_SUGGESTION = _object(
    ["article", "version", "title", "url", "heading", "snippet", "confidence", "rank"],
    article=_ARTICLE,
    version=_WHOLE,
    title=_TEXT,
    url={"type": "string", "description": "Deep link to the section that answers."},
    heading=_TEXT,
    snippet={"type": "string", "description": "Safe HTML: escaped text with <mark> around matches."},
    confidence={"type": "number", "minimum": 0, "maximum": 1, "description": "Probability that it answers."},
    rank={"type": "integer", "minimum": 1},
    lang=_TEXT,
    category=_TEXT,
    text={"type": "string", "description": "The section as plain text."},
    stale={"type": "boolean", "description": "Its review is overdue."},
)

_TICKET = _object(
    ["name", "email", "message"],
    enquiry={
        "anyOf": [_KEY, {"type": "null"}],
        "description": "null: a ticket from a client that asked nothing first.",
    },
    token=_TOKEN,
    name={"type": "string", "minLength": 1, "maxLength": LONGEST_NAME},
    email={"type": "string", "format": "email"},
    message={"type": "string", "minLength": 1, "maxLength": LONGEST_MESSAGE},
    subject={"type": ["string", "null"], "maxLength": LONGEST_SUBJECT},
    category={"type": ["string", "null"], "description": "A key of the catalogue's categories."},
    page={"type": ["string", "null"], "description": "The article or address that the person came from."},
    lang={
        "type": ["string", "null"],
        "description": "BCP 47; the desk's first language where it has no other.",
    },
    altcha={
        "type": ["string", "null"],
        "description": "The solved challenge of GET /api/challenge: base64 of the JSON object {algorithm, "
        "challenge, number, salt, signature}. A ticket is never refused for want of it. With it the "
        "acknowledgement is sent at once; without it the address first gets one mail that asks whether the "
        "message was theirs, and the acknowledgement goes when they say so. Either way an address gets at "
        "most three mails a day. A deflector that runs without protection asks for no proof.",
    },
    zone={
        "type": ["string", "null"],
        "description": "IANA name of the person's time zone, for the promise in mail.",
    },
    answers={
        "description": "Answers to the extra questions of the category, by their ids. "
        "Required ones are asked for where this object is sent.",
    },
    declined={
        "type": "boolean",
        "default": False,
        "description": "The person has seen the answers, or wants none, and asks for a human.",
    },
)

_PATHS: Schema = {
    "/api/enquiries": {
        "post": {
            "operationId": "startEnquiry",
            "summary": "Begin an enquiry: one pass through a contact form",
            "requestBody": _body(
                _object([], lang={"type": ["string", "null"]}, page={"type": ["string", "null"]}),
                required=False,
            ),
            "responses": {
                "201": _json(
                    _object(["enquiry", "token"], enquiry=_KEY, token=_TOKEN),
                    "The enquiry's id, and its token, shown this once.",
                ),
                **_BAD_JSON,
            },
        }
    },
    "/api/suggest": {
        "get": {
            "operationId": "suggest",
            "summary": "Find the sections that answer a question",
            "parameters": [
                {"name": "q", "in": "query", "schema": _TEXT, "description": "The question."},
                {"name": "lang", "in": "query", "schema": _TEXT},
                {
                    "name": "enquiry",
                    "in": "query",
                    "schema": _KEY,
                    "description": "Counts the question to this enquiry; without it nothing is counted.",
                },
                {
                    "name": "settled",
                    "in": "query",
                    "schema": {"enum": ["0", "1"], "default": "1"},
                    "description": "0 while the person is still typing: answered, not counted.",
                },
                {
                    "name": "from",
                    "in": "query",
                    "schema": {"enum": ["site"]},
                    "description": "site: a search on the help site; a settled one is counted as such.",
                },
                _TOKEN_HEADER,
            ],
            "responses": {
                "200": _json(
                    _object(
                        ["question", "answerable", "suggestions"],
                        question=_TEXT,
                        answerable={"type": "boolean", "description": "Sure enough to ask before sending."},
                        suggestions={"type": "array", "items": _ref("Suggestion")},
                        category={"type": "string", "description": "A guess; left out where there is none."},
                        urgent={"const": True, "description": "Goes straight to a person; else left out."},
                    ),
                    "Sections, best first; often none.",
                ),
                "403": _problem("No enquiry has this id and token."),
                "422": _problem("A parameter has a value that it cannot have."),
                "429": _TOO_MANY,
            },
        }
    },
    "/api/enquiries/{enquiry}/events": {
        "post": {
            "operationId": "recordEvent",
            "summary": "Note what the person did with an answer",
            "parameters": [
                {"name": "enquiry", "in": "path", "required": True, "schema": _KEY},
                _TOKEN_HEADER,
            ],
            "requestBody": _body(
                _object(
                    ["type"],
                    type={
                        "enum": [
                            "impression",
                            "opened",
                            "closed",
                            "helpful",
                            "unhelpful",
                            "solved",
                            "not_solved",
                        ]
                    },
                    article=_ARTICLE,
                    version=_WHOLE,
                    token=_TOKEN,
                    id={
                        "type": ["string", "null"],
                        "pattern": "^[A-Za-z0-9_-]{1,64}$",
                        "description": "Names this event: sent again, it counts once.",
                    },
                    ago={
                        "type": ["number", "null"],
                        "minimum": 0,
                        "description": "Seconds since it happened.",
                    },
                    seconds={
                        "type": ["number", "null"],
                        "minimum": 0,
                        "description": "closed: for how long the answer was open and in view.",
                    },
                    reason={"type": ["string", "null"], "description": f"unhelpful: why. {_REASON}"},
                )
            ),
            "responses": {
                "204": {"description": "Noted."},
                "403": _problem("No enquiry has this id and token."),
                **_BAD_JSON,
            },
        }
    },
    "/api/challenge": {
        "get": {
            "operationId": "getChallenge",
            "summary": "Get a proof of work to solve before a message is sent (ALTCHA)",
            "description": "Find the whole number up to `maxnumber` for which the hash of `salt` followed by "
            "the number, in decimal figures, is `challenge` in hexadecimal. Each is good for one message, "
            "within two hours.",
            "responses": {
                "200": _json(
                    _object(
                        ["algorithm", "challenge", "maxnumber", "salt", "signature"],
                        algorithm={"const": "SHA-256"},
                        challenge={"type": "string", "pattern": "^[0-9a-f]{64}$"},
                        maxnumber={"type": "integer", "minimum": 1},
                        salt=_TEXT,
                        signature=_TEXT,
                    ),
                    "A challenge that was given to nobody else.",
                ),
                "429": _TOO_MANY,
            },
        }
    },
    "/api/tickets/{number}/state": {
        "post": {
            "operationId": "noteTicketState",
            "summary": "Say where a ticket stands, for the program that support works with",
            "security": [{"token": []}],
            "parameters": [
                {
                    "name": "number",
                    "in": "path",
                    "required": True,
                    "schema": {"type": "string", "pattern": "^HC-[2-9A-Z]{6}$"},
                }
            ],
            "requestBody": _body(
                _object(["state"], state={"type": "string", "enum": ["answered", "solved", "reopened"]})
            ),
            "responses": {
                "200": _json(
                    _object(
                        ["ticket", "state"],
                        ticket={"type": "string"},
                        state={"enum": ["open", "answered", "solved", "reopened", "withdrawn"]},
                    ),
                    "Noted; `state` is where the ticket stands now.",
                ),
                "401": _problem("The token is missing or wrong."),
                "404": _problem("No ticket has this number, or no token is set up here."),
                **_BAD_JSON,
            },
        }
    },
    "/api/tickets": {
        "post": {
            "operationId": "openTicket",
            "summary": "Send a message: answers first, then a ticket",
            "parameters": [
                _TOKEN_HEADER,
                {
                    "name": "Idempotency-Key",
                    "in": "header",
                    "description": "Names this act of sending; a repeat gives the same ticket.",
                    "schema": {"type": "string", "pattern": "^[\\x21-\\x7e]{1,200}$"},
                },
            ],
            "requestBody": {
                **_body(_TICKET),
                "description": "With files as multipart/form-data: the same names, `declined` true or false, "
                "`answers.ID` for each answer, and up to five `files` of 10 MB together.",
            },
            "responses": {
                "201": _json(
                    _object(
                        ["ticket", "answer_by"],
                        ticket={"type": "string", "pattern": "^HC-[2-9A-Z]{6}$"},
                        answer_by={"type": "string", "format": "date-time"},
                    ),
                    "The ticket is stored, its mail to the team is on its way, and this is the promise.",
                ),
                "409": _json(
                    _object(["suggestions"], suggestions={"type": "array", "items": _ref("Suggestion")}),
                    "These sections may answer. Show them; send again with `declined` true if they do not.",
                ),
                "422": _json(
                    _object(
                        [],
                        problems={
                            "type": "array",
                            "items": _object(["field", "message"], field=_TEXT, message=_TEXT),
                        },
                    ),
                    "What to mend, field by field.",
                ),
                "400": _BAD_JSON["400"],
                "413": _BAD_JSON["413"],
                "415": _BAD_JSON["415"],
                "429": _TOO_MANY,
            },
        }
    },
    "/api/feedback": {
        "post": {
            "operationId": "giveFeedback",
            "summary": "Say whether an article helped",
            "requestBody": _body(
                _object(
                    ["article", "version", "helpful"],
                    article=_ARTICLE,
                    version=_WHOLE,
                    helpful={"type": "boolean"},
                    reason={"type": ["string", "null"], "description": _REASON},
                    comment={"type": ["string", "null"]},
                    lang={"type": ["string", "null"]},
                )
            ),
            "responses": {"204": {"description": "Noted. Thank you."}, **_BAD_JSON},
        }
    },
}

DESCRIPTION: Schema = {
    "openapi": "3.1.0",
    "info": {
        "title": "Answerfirst",
        "version": "1",
        "summary": "Answer first, ticket second.",
        "license": {"name": "MIT", "identifier": "MIT"},
    },
    "paths": _PATHS | figures_api.PATHS,
    "components": {
        "schemas": {
            "Suggestion": _SUGGESTION,
            "Problem": _object(
                ["title", "status"], type=_TEXT, title=_TEXT, status={"type": "integer"}, detail=_TEXT
            ),
        },
        "securitySchemes": {
            "readToken": {"type": "http", "scheme": "bearer", "description": "From `deflector token add`."},
            "token": {
                "type": "http",
                "scheme": "bearer",
                "description": "DEFLECTOR_API_TOKEN of the service.",
            },
        },
    },
}
