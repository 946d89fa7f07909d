"""Whether an article may still be trusted, always with the reasons in words."""

from datetime import date

from generator.articles import Article, Confidence


def stale_reasons(article: Article, today: date) -> tuple[str, ...]:
    """Say why an article is stale; nothing where it is not. Drafts and archived articles are never stale."""
    if article.confidence in (Confidence.WORK_IN_PROGRESS, Confidence.ARCHIVED):
        return ()
    due = article.review_due
    if today <= due:
        return ()
    days = (today - due).days
    late = f"{days} day{'s' if days > 1 else ''} ago"
    if article.review is None:
        return (f"Nobody has reviewed it yet, and the first review was due on {due}, {late}.",)
    return (f"Its review was due on {due}, {late}.",)
