"""Keeps the door of the contact form: proof of work, bait, and the time that typing takes.

Nothing here refuses a message. What speaks against a person's having sent it is handed on as doubts, and the
mail to the address waits for them (`deflector.desk.acknowledging`).
"""

import base64
import binascii
import hashlib
import hmac
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from altcha.v1 import ChallengeOptions, PayloadType, create_challenge, verify_solution

from deflector.desk.acknowledging import PROOF_LASTS
from deflector.keys import derived
from deflector.model import Doubt

PROOF = "altcha"  # the field that ALTCHA's own widgets use
BAIT = "website"
STAMP = "stamp"

HARDEST = 50_000  # half of that on average: half a second of a phone, hours of a machine for a thousand mails
QUICKEST = timedelta(seconds=3)
_LONGEST_PAYLOAD = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What speaks against a message, and the name of its proof of work, good for one message."""

    doubts: tuple[Doubt, ...] = ()
    proof: str | None = None


class Door:
    """Hands out challenges and stamps, and judges what comes back. With no secret it is open."""

    def __init__(self, *, secret: str | None) -> None:
        self.guarded = secret is not None
        self._proofs = derived(secret or "", "proof of work")
        self._stamps = derived(secret or "", "stamps")

    def challenge(self, now: datetime) -> dict[str, object]:
        """Make a challenge (ALTCHA, SHA-256): which number, after the salt, has this hash?"""
        made = create_challenge(
            ChallengeOptions(
                algorithm="SHA-256", max_number=HARDEST, hmac_key=self._proofs, expires=now + PROOF_LASTS
            )
        )
        return {
            "algorithm": made.algorithm,
            "challenge": made.challenge,
            "maxnumber": made.max_number,
            "salt": made.salt,
            "signature": made.signature,
        }

    def stamp(self, now: datetime) -> str:
        """Sign the moment at which a form was handed out."""
        seconds = str(int(now.timestamp()))
        return f"{seconds}.{self._signature(seconds)}"

    def judge_form(self, fields: Mapping[str, Any], now: datetime) -> Judgement:
        """Judge what our own form brought back."""
        judged = self.judge_proof(fields.get(PROOF), now)
        if not self.guarded:
            return judged
        doubts = list(judged.doubts)
        if fields.get(BAIT):
            doubts.append(Doubt.BAITED)
        if not self._took_its_time(str(fields.get(STAMP) or ""), now):
            doubts.append(Doubt.HURRIED)
        return Judgement(doubts=tuple(doubts), proof=judged.proof)

    def judge_proof(self, payload: object, now: datetime) -> Judgement:
        """Judge a proof of work alone: a client that is not our form has neither bait nor stamp."""
        if not self.guarded:
            return Judgement()
        found = _payload(payload)
        if found is None or not self._is_solved(found, now):
            return Judgement(doubts=(Doubt.UNPROVEN,))
        return Judgement(proof=hashlib.sha256(str(found["challenge"]).encode()).hexdigest())

    def _is_solved(self, payload: dict[str, Any], now: datetime) -> bool:
        # The clock is ours; altcha would read its own.
        solved, _ = verify_solution(cast("PayloadType", payload), self._proofs, check_expires=False)
        _, _, query = str(payload["salt"]).partition("?expires=")
        ends = query.partition("&")[0]
        return bool(solved) and ends.isdecimal() and now.timestamp() < int(ends)

    def _took_its_time(self, stamp: str, now: datetime) -> bool:
        seconds, _, signature = stamp.partition(".")
        if not stamp.isascii() or not hmac.compare_digest(
            signature.encode(), self._signature(seconds).encode()
        ):
            return False
        return math.floor(now.timestamp()) - int(seconds) >= QUICKEST.total_seconds()

    def _signature(self, text: str) -> str:
        return hmac.new(self._stamps, text.encode(), hashlib.sha256).hexdigest()[:32]


def _payload(value: object) -> dict[str, Any] | None:
    """Read ALTCHA's payload, base64 of JSON, as far as it can be one that we signed."""
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_PAYLOAD:
        return None
    try:
        found = json.loads(base64.b64decode(value, validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or found.get("algorithm") != "SHA-256":
        return None
    texts = [found.get(field) for field in ("challenge", "salt", "signature")]
    if not all(isinstance(text, str) and text.isascii() for text in texts):
        return None
    number = found.get("number")
    return found if isinstance(number, int) and not isinstance(number, bool) else None
