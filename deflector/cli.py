"""The command `deflector`: the contact form's service, and everything around it."""

import click

from deflector.commands import (
    calibrating,
    database,
    digest,
    drafting,
    evaluating,
    export,
    gaps,
    inbox,
    learned,
    mail,
    modelling,
    outbox,
    privacy,
    questions,
    report,
    search,
    serving,
    staff,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="answerfirst")
def main() -> None:
    """Answer first, ticket second: suggestions, tickets, mail and figures for a help centre.

    \b
    Try it:             deflector suggest "where is my refund"
    Serve everything:   deflector serve --site build/site
    See how it goes:    deflector report

    Settings come from the environment (DEFLECTOR_…) and from support.yml; `deflector check` checks both.
    """


for command in (
    serving.serve,
    serving.relay,
    outbox.outbox,
    inbox.inbox,
    drafting.draft,
    mail.preview,
    search.suggest,
    search.index,
    modelling.model,
    evaluating.evaluate,
    calibrating.calibrate,
    learned.learned,
    report.report,
    gaps.gaps,
    questions.questions,
    digest.digest,
    export.export,
    staff.user,
    staff.token,
    privacy.privacy,
    database.db,
    database.check,
):
    main.add_command(command)


if __name__ == "__main__":
    main()
