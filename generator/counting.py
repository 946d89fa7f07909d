"""Numbers of things, in words."""


def counted(count: int, what: str) -> str:
    """Say how many there are: "1 article", "2,000 articles"."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"
