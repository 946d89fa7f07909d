"""Which side of the experiment an enquiry is on."""

import hashlib
import hmac

from deflector.model import Arm


class Holdout:
    """Keeps a share of the enquiries without suggestions, so that what suggestions do can be measured.

    The side follows from the enquiry's id and a secret: it cannot be guessed or chosen from outside, does not
    change, and every process comes to the same answer. `share` is between 0 and 1.
    """

    def __init__(self, *, share: float = 0.0, key: str = "") -> None:
        self.share = share
        self._key = hashlib.sha256(b"answerfirst holdout 1\0" + key.encode()).digest()

    def arm(self, enquiry: str) -> Arm:
        digest = hmac.digest(self._key, enquiry.encode(), "sha256")
        drawn = int.from_bytes(digest[:8], "big") / 2**64
        return Arm.HOLDOUT if drawn < self.share else Arm.SHOWN
