"""Which names are languages: a folder `es` holds Spanish, a folder `img` does not hold Img."""

import re
from functools import cache
from typing import Final

from babel import localedata

DEFAULT_LANGUAGE: Final = "en"
_TAG = re.compile(r"([a-z]{2,3})(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?")


@cache
def is_language(name: str) -> bool:
    """Whether a name is a language tag (BCP 47: language, script, region) that Unicode CLDR knows."""
    tag = _TAG.fullmatch(name)
    return tag is not None and localedata.exists(tag[1])
