"""Why an answer did not help: a few reasons that are counted, and no words of anybody."""

# As the page of an article offers them.
REASONS = ("unclear", "did_not_work", "out_of_date", "other_question")
OTHER = "other"


def as_reason(said: object) -> str | None:
    """Name the reason that is meant; what no page offers is "other", for sums hold nobody's words."""
    if not isinstance(said, str) or not said.strip():
        return None
    named = "_".join(said.casefold().replace("-", " ").replace("_", " ").split())
    return named if named in REASONS else OTHER
