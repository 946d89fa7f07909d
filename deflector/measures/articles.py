"""How each version of an article does: is it opened as often as its place makes likely, and does it help."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from deflector.knowledge import Knowledge
from deflector.model import ArticleVersion
from deflector.outcomes.tallies import MEASURED, PlaceCounts, Tally

# A version with few cases counts as one like the others: as if it had had this many cases of the usual kind.
LIKE_THE_OTHERS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleFigures:
    """What happened to one version of an article; counts are enquiries, votes include those on its page.

    `pull` is clicks over expected clicks at the ranks where it was shown (1 is what any answer gets there);
    `failing` is the share of those who opened it and wrote all the same. Both are shrunk towards the average.
    """

    about: ArticleVersion
    title: str
    shown: int
    impressions: int
    opened: int
    solved: int
    opened_then_wrote: int
    declined: int
    helpful: int
    unhelpful: int
    seconds: float
    expected: float
    pull: float
    failing: float
    reasons: tuple[tuple[str, int], ...]

    @property
    def trouble(self) -> float:
        """Weigh how often it fails by how many it fails: the order in which to mend articles."""
        return self.failing * self.opened + self.unhelpful


def article_figures(tally: Tally, knowledge: Knowledge | None) -> tuple[ArticleFigures, ...]:
    """Work out every version that was shown, opened or voted on, the most troubled first."""
    totals = _totals(tally.places)
    chance = click_chance(tally.places)
    expected: defaultdict[ArticleVersion, float] = defaultdict(float)
    listed: Counter[ArticleVersion] = Counter()
    for place, numbers in tally.places.items():
        if place.rank > 0:
            counts = dict(zip(MEASURED, numbers, strict=True))
            expected[place.about] += counts["shown"] * chance.get(place.rank, 0.0)
            listed[place.about] += int(counts["opened"])
    opened = sum(counts["opened"] for counts in totals.values())
    wrote = sum(counts["opened_then_wrote"] for counts in totals.values())
    usual = wrote / opened if opened else 0.0
    titles = {(one.id, one.lang): one.title for one in knowledge.articles} if knowledge else {}
    reasons: defaultdict[ArticleVersion, Counter[str]] = defaultdict(Counter)
    for (_, about, reason), votes in tally.reasons.items():
        reasons[about][reason] += votes
    found = [
        ArticleFigures(
            about=about,
            title=titles.get((about.article, about.lang), about.article),
            **{name: int(counts[name]) for name in MEASURED if name != "seconds"},
            seconds=round(counts["seconds"], 1),
            expected=expected[about],
            pull=(listed[about] + LIKE_THE_OTHERS * 0.5) / (expected[about] + LIKE_THE_OTHERS * 0.5),
            failing=(counts["opened_then_wrote"] + LIKE_THE_OTHERS * usual)
            / (counts["opened"] + LIKE_THE_OTHERS),
            reasons=tuple(
                (reason, votes)
                for reason, votes in sorted(reasons[about].items(), key=lambda item: (-item[1], item[0]))
                if votes > 0
            ),
        )
        for about, counts in totals.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.trouble, -one.shown, str(one.about))))


def click_chance(places: PlaceCounts) -> dict[int, float]:
    """Tell how often an answer is opened at each rank, whatever it says (Zhang and Jones 2007).

    Never more at a lower place than at a higher one: with few cases the raw shares jump, and a reader who
    looked at the third has seen the first.
    """
    shown: Counter[int] = Counter()
    opened: Counter[int] = Counter()
    for place, numbers in places.items():
        counts = dict(zip(MEASURED, numbers, strict=True))
        if place.rank > 0:
            shown[place.rank] += int(counts["shown"])
            opened[place.rank] += int(counts["opened"])
    return _falling({rank: (opened[rank], shown[rank]) for rank in sorted(shown) if shown[rank]})


def _falling(counts: Mapping[int, tuple[int, int]]) -> dict[int, float]:
    """Pool neighbours until the shares fall (isotonic regression by pooling adjacent violators)."""
    blocks: list[tuple[list[int], int, int]] = []
    for rank, (hits, cases) in counts.items():
        blocks.append(([rank], hits, cases))
        while len(blocks) > 1 and blocks[-2][1] * blocks[-1][2] < blocks[-1][1] * blocks[-2][2]:
            ranks, hits_low, cases_low = blocks.pop()
            above, hits_high, cases_high = blocks.pop()
            blocks.append((above + ranks, hits_high + hits_low, cases_high + cases_low))
    return {rank: hits / cases for ranks, hits, cases in blocks for rank in ranks}


def _totals(places: PlaceCounts) -> dict[ArticleVersion, dict[str, float]]:
    totals: dict[ArticleVersion, dict[str, float]] = {}
    for place, numbers in places.items():
        known = totals.setdefault(place.about, dict.fromkeys(MEASURED, 0.0))
        for name, number in zip(MEASURED, numbers, strict=True):
            known[name] += number
    return {about: counts for about, counts in totals.items() if any(counts.values())}


def signals(
    articles: Iterable[ArticleFigures],
    *,
    generated_at: datetime,
    since: datetime | None,
    until: datetime | None,
) -> dict[str, object]:
    """Lay out what `kb audit --signals` reads: how readers fared with each version."""
    return {
        "generated_at": generated_at.isoformat(),
        "since": since.isoformat() if since else None,
        "until": until.isoformat() if until else None,
        "articles": [
            {
                "article": one.about.article,
                "lang": one.about.lang,
                "version": one.about.version,
                "shown": one.shown,
                "opened": one.opened,
                "solved": one.solved,
                "opened_then_wrote": one.opened_then_wrote,
                "helpful": one.helpful,
                "unhelpful": one.unhelpful,
            }
            for one in sorted(
                articles, key=lambda one: (one.about.article, one.about.lang, one.about.version)
            )
        ],
    }
