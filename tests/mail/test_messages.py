import re
from dataclasses import replace

import pytest

from deflector.mail.addresses import MailAddress
from deflector.model import ArticleVersion, SeenAnswer, Suggestion
from tests.mail.conftest import MailRoom, OpenMailRoom, parsed, part

REFUND = SeenAnswer(
    about=ArticleVersion(article="refund-for-a-game", lang="en", version=3),
    title="Get a refund for a game",
    url="/en/refunds/refund-for-a-game/#steps",
    rank=1,
    opened=True,
    declined=True,
)
RECEIPT = SeenAnswer(
    about=ArticleVersion(article="find-a-receipt", lang="en", version=1),
    title="Find a receipt",
    url="https://elsewhere.example/receipt/",
    rank=2,
    opened=False,
    declined=False,
)

SHARED_FIELDS = [
    "From",
    "To",
    "Date",
    "Message-ID",
    "X-Answerfirst-Number",
    "X-Answerfirst-Kind",
    "X-Answerfirst-Queue",
    "X-Answerfirst-Answer-By",
    "X-Answerfirst-Solve-By",
]


def test_the_mail_to_the_queue_has_these_fields_and_no_other(room: MailRoom) -> None:
    assert parsed(room.to_queue()).keys() == [
        *SHARED_FIELDS,
        "X-Answerfirst-Category",
        "X-Answerfirst-Lang",
        "X-Answerfirst-Priority",
        "Subject",
        "Reply-To",
        "MIME-Version",
        "Content-Type",
    ]


def test_the_acknowledgement_has_these_fields_and_no_other(room: MailRoom) -> None:
    assert parsed(room.to_person()).keys() == [
        *SHARED_FIELDS,
        "Subject",
        "X-Answerfirst-Lang",
        "Reply-To",
        "References",
        "Auto-Submitted",
        "X-Auto-Response-Suppress",
        "MIME-Version",
        "Content-Type",
    ]


def test_the_queue_hears_from_our_own_address_and_answers_to_the_person(room: MailRoom) -> None:
    mail = room.to_queue(name="José García", lang="es")
    message = parsed(mail)
    assert (mail.sender, mail.recipient) == ("help@playdeck.example", "support@playdeck.example")
    assert message["From"] == "Playdeck Help <help@playdeck.example>"
    assert message["Reply-To"].addresses[0].addr_spec == "ada@example.org"
    assert message["Reply-To"].addresses[0].display_name == "José García"
    assert message["Subject"] == "[HC-7Q4K2M] My card was charged twice. Please help."
    assert message["X-Answerfirst-Number"] == "HC-7Q4K2M"
    assert message["X-Answerfirst-Kind"] == "ticket"
    assert message["X-Answerfirst-Queue"] == "money"
    assert message["X-Answerfirst-Category"] == "payments"
    assert message["X-Answerfirst-Lang"] == "es"
    assert message["X-Answerfirst-Answer-By"] == "2026-11-27T16:30:00-05:00"
    assert message["X-Answerfirst-Solve-By"] == "2026-12-01T12:30:00-05:00"


def test_the_queue_reads_everything_that_is_known(room: MailRoom) -> None:
    text = part(
        room.to_queue(
            lang="es",
            page="/en/payments/charged-twice/",
            subject="Charged twice",
            questions=("card charged twice", "two payments"),
            seen=(REFUND, RECEIPT),
        ),
        "plain",
    )
    assert (
        re.sub(r"/t/\S+", "/t/TOKEN", text)
        == """\
Number:       HC-7Q4K2M
Answer by:    Friday 27 November 2026, 16:30, New York time
Solve by:     Tuesday 1 December 2026, 12:30, New York time
From:         Ada Lovelace
Address:      ada@example.org
Language:     Spanish
Topic:        Payments & cards
Queue:        money
Priority:     normal
Came from:    /en/payments/charged-twice/
Sent:         Wednesday 25 November 2026, 16:30, New York time

SUBJECT
    Charged twice

MESSAGE
    My card was charged twice.
    Please help.

ASKED BEFORE WRITING
    1. card charged twice
    2. two payments

ANSWERS OFFERED BEFORE WRITING
    1. Get a refund for a game
       opened, declined · refund-for-a-game v3 (en)
       https://help.playdeck.example/en/refunds/refund-for-a-game/#steps
    2. Find a receipt
       not opened · find-a-receipt v1 (en)
       https://elsewhere.example/receipt/

TELL US HOW IT STANDS
It is answered: https://help.playdeck.example/t/TOKEN
It is solved: https://help.playdeck.example/t/TOKEN

--\x20
Reply to this mail, and it goes to the person who wrote.
Playdeck Help · https://help.playdeck.example/
"""
    )


def test_both_parts_of_the_mail_to_the_queue_say_the_same(room: MailRoom) -> None:
    mail = room.to_queue(questions=("card charged twice",), seen=(REFUND,), page="/somewhere/")
    html = part(mail, "html")
    for fact in (
        "HC-7Q4K2M",
        "Friday 27 November 2026, 16:30",
        "Tuesday 1 December 2026, 12:30",
        "Ada Lovelace",
        "ada@example.org",
        "English",
        "Payments &amp; cards",
        "money",
        "/somewhere/",
        "My card was charged twice.<br>\nPlease help.",
        "card charged twice",
        'href="https://help.playdeck.example/en/refunds/refund-for-a-game/#steps"',
        "opened, declined · <bdi>refund-for-a-game v3 (en)</bdi>",
    ):
        assert fact in html, fact


def test_no_line_that_a_person_typed_can_pass_for_one_of_ours(room: MailRoom) -> None:
    text = part(room.to_queue(message="Hello\r\nAnswer by:    never\u2028Queue:  mine\n-- \nbye"), "plain")
    ours = [line for line in text.splitlines() if line.startswith(("Answer by:", "Queue:", "--"))]
    assert ours == [
        "Answer by:    Friday 27 November 2026, 16:30, New York time",
        "Queue:        money",
        "-- ",
    ]


def test_what_a_person_typed_is_text_in_html_too(room: MailRoom) -> None:
    html = part(
        room.to_queue(message="<script>alert(1)</script>", name="<b>Ada", page="javascript:alert(1)"), "html"
    )
    assert "<script>" not in html
    assert "<b>" not in html
    assert 'href="javascript' not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_an_answer_with_a_strange_address_is_named_but_not_linked(room: MailRoom) -> None:
    odd = replace(REFUND, url="javascript:alert(1)")
    mail = room.to_queue(seen=(odd,))
    assert "javascript" not in part(mail, "html")
    assert "Get a refund for a game" in part(mail, "html")


def test_without_answers_the_queue_reads_that_there_were_none(room: MailRoom) -> None:
    assert "ANSWERS OFFERED BEFORE WRITING\n    None.\n" in part(room.to_queue(), "plain")


def test_a_subject_of_the_persons_own_comes_before_the_message(room: MailRoom) -> None:
    message = parsed(room.to_queue(subject="Two payments for one game"))
    assert message["Subject"] == "[HC-7Q4K2M] Two payments for one game"


def test_the_subject_holds_the_first_words_of_a_long_message(room: MailRoom) -> None:
    subject = str(parsed(room.to_queue(message="My card was charged twice for one game " * 20))["Subject"])
    assert subject == "[HC-7Q4K2M] My card was charged twice for one game My card was..."


def test_a_message_without_any_word_still_has_a_subject(room: MailRoom) -> None:
    assert parsed(room.to_queue(message="\u200b \n"))["Subject"] == "[HC-7Q4K2M]"


def test_writing_a_mail_again_gives_it_the_same_id(room: MailRoom) -> None:
    first, second = room.to_queue(), room.to_queue()
    assert first.message_id == second.message_id == parsed(first)["Message-ID"]
    assert first.message_id.startswith("<hc-7q4k2m.ticket.")
    assert first.message_id.endswith("@playdeck.example>")
    assert room.to_person().message_id != first.message_id


def test_the_person_reads_number_topic_promise_hours_and_how_to_add_details(room: MailRoom) -> None:
    mail = room.to_person()
    assert parsed(mail)["Subject"] == "[HC-7Q4K2M] We have your message"
    page = re.search(r"https://help\.playdeck\.example/t/[\w.-]+", part(mail, "plain"))
    assert page is not None
    assert f'href="{page[0]}"' in part(mail, "html")
    assert (
        part(mail, "plain").replace(page[0], "(their own page)")
        == """\
Hello Ada,

Thank you for writing to us. Your message has arrived, and a person will read it.

Your number:    HC-7Q4K2M
Topic:          Payments & cards
Answer by:      Friday 27 November, 16:30, New York time

We answer in our working hours (New York time), not on public holidays:
- Monday to Friday, 09:00–17:00
- Saturday, 10:00–12:00, 13:00–15:00

Something to add? Reply to this mail. It reaches the people who have your
message, as long as HC-7Q4K2M stays in the subject.

See what you wrote, add to it, or take it back:
(their own page)

You did not write to us? Then somebody gave your address by mistake. You need
not do anything.

Playdeck Help
https://help.playdeck.example/
"""
    )


@pytest.mark.parametrize("lang", ["es", "es-MX", "ES"])
def test_a_person_who_writes_in_spanish_reads_spanish(room: MailRoom, lang: str) -> None:
    mail = room.to_person(lang=lang)
    assert parsed(mail)["Subject"] == "[HC-7Q4K2M] Hemos recibido tu mensaje"
    assert parsed(mail)["X-Answerfirst-Lang"] == "es"
    text = part(mail, "plain")
    assert "Tema:           Pagos y tarjetas" in text
    assert "a más tardar el viernes 27 de noviembre, 16:30, hora de Nueva York" in text
    assert "- lunes a viernes, 09:00–17:00" in text
    assert '<html lang="es" dir="ltr">' in part(mail, "html")
    assert text.endswith("Playdeck Help\nhttps://help.playdeck.example/es/\n")


def test_a_desk_has_its_name_in_the_persons_language(open_mail_room: OpenMailRoom) -> None:
    room = open_mail_room(name={"en": "Playdeck Help", "es": "Ayuda de Playdeck"})

    assert "\nAyuda de Playdeck\n" in part(room.to_person(lang="es"), "plain")
    assert "\nPlaydeck Help · " in part(room.to_queue(lang="es"), "plain")


def test_a_person_who_writes_in_arabic_reads_arabic_from_right_to_left(room: MailRoom) -> None:
    mail = room.to_person(lang="ar")
    assert parsed(mail)["Subject"] == "[HC-7Q4K2M] وصلتنا رسالتك"
    assert "الجمعة 27 نوفمبر، 16:30 بتوقيت نيويورك" in part(mail, "plain")
    assert '<html lang="ar" dir="rtl">' in part(mail, "html")


def test_a_desk_that_keeps_no_holidays_does_not_speak_of_them(open_mail_room: OpenMailRoom) -> None:
    room = open_mail_room(hours={"time_zone": "UTC", "open": {"mon": "00:00-24:00"}})
    text = part(room.to_person(), "plain")
    assert "holidays" not in text
    assert "- Monday, 00:00–24:00" in text


@pytest.mark.parametrize("lang", ["fi", "", "../en", "not a language", "e\x00n"])
def test_a_person_of_any_other_language_reads_the_first_of_the_desk(
    open_mail_room: OpenMailRoom, lang: str
) -> None:
    room = open_mail_room(languages=["es", "en"])
    assert "Hemos recibido" in str(parsed(room.to_person(lang=lang))["Subject"])
    assert "MENSAJE" in part(room.to_queue(lang=lang), "plain")


def test_a_desk_of_a_language_without_templates_writes_english(open_mail_room: OpenMailRoom) -> None:
    room = open_mail_room(languages=["fi"])
    assert "We have your message" in str(parsed(room.to_person(lang="fi"))["Subject"])


def test_the_acknowledgement_says_that_a_program_wrote_it_and_expects_no_answer(room: MailRoom) -> None:
    mail = room.to_person()
    assert mail.sender == ""
    assert mail.recipient == "ada@example.org"
    assert parsed(mail)["Auto-Submitted"] == "auto-generated"
    assert parsed(mail)["X-Auto-Response-Suppress"] == "All"


def test_the_mail_to_the_queue_is_no_automatic_mail_or_help_desks_would_set_it_aside(room: MailRoom) -> None:
    assert "Auto-Submitted" not in parsed(room.to_queue())


def test_a_persons_reply_reaches_the_queue_and_its_conversation(room: MailRoom) -> None:
    message = parsed(room.to_person())
    assert message["Reply-To"] == "Playdeck Help <money@playdeck.example>"
    assert message["References"] == room.to_queue().message_id


def test_the_acknowledgement_repeats_nothing_that_the_sender_chose(room: MailRoom) -> None:
    planted = "Zebraquartz"
    mail = room.to_person(
        name=f"{planted} http://{planted}.test",
        message=planted,
        subject=planted,
        category=planted.lower(),
        page=f"https://{planted}.test/",
        lang=f"en-{planted[:8]}",
    )
    whole = "".join([str(parsed(mail)), part(mail, "plain"), part(mail, "html")])
    assert "zebra" not in whole.lower()


def test_a_category_that_is_not_ours_is_named_to_the_queue_and_not_to_the_person(room: MailRoom) -> None:
    assert "Topic:        made up" in part(room.to_queue(category="made up"), "plain")
    assert "X-Answerfirst-Category" not in parsed(room.to_queue(category="made up"))
    assert "Topic" not in part(room.to_person(category="made up"), "plain")


def test_names_of_ours_with_commas_and_accents_stay_one_address(open_mail_room: OpenMailRoom) -> None:
    room = open_mail_room(mail={"from": '"Ayuda, Niños & Café" <help@playdeck.example>'})
    for mail in (room.to_queue(), room.to_person()):
        (sender,) = parsed(mail)["From"].addresses
        assert (sender.display_name, sender.addr_spec) == ("Ayuda, Niños & Café", "help@playdeck.example")


def test_a_desk_with_a_very_long_domain_writes_both_mails(open_mail_room: OpenMailRoom) -> None:
    domain = f"{'a' * 60}.{'b' * 60}.{'c' * 60}.example"
    room = open_mail_room(mail={"from": f"help@{domain}"})
    assert MailAddress.written(room.to_queue().sender).domain == domain
    assert parsed(room.to_person())["Message-ID"].endswith(f"@{domain}>")


@pytest.mark.parametrize("kind", ["ticket", "acknowledgement"])
def test_every_mail_has_text_first_and_html_after_it_in_seven_bits(room: MailRoom, kind: str) -> None:
    mail = room.to_queue(message="¿Qué?") if kind == "ticket" else room.to_person(lang="es")
    message = parsed(mail)
    assert [sub.get_content_type() for sub in message.iter_parts()] == ["text/plain", "text/html"]
    assert mail.content.isascii()
    assert b"\n" not in mail.content.replace(b"\r\n", b"")
    assert max(map(len, mail.content.split(b"\r\n"))) <= 78


def test_support_hears_of_earlier_tickets_and_the_person_does_not(room: MailRoom) -> None:
    earlier = replace(room.ticket(subject="Where is my receipt?"), number="HC-222222")
    mail = room.writer.ticket_mail(
        room.ticket(), to="support@playdeck.example", questions=(), seen=(), earlier=[earlier]
    )
    line = "HC-222222 · 25 November 2026 · Where is my receipt?"
    assert f"EARLIER TICKETS OF THIS ADDRESS\n    {line}\n" in part(mail, "plain")
    assert "Where is my receipt?" in part(mail, "html")
    assert "HC-222222" not in part(room.to_person(), "plain")


def suggestion(title: str, url: str) -> Suggestion:
    return Suggestion(
        article="a", version=1, lang="en", category="payments", title=title, heading="", url=url,
        snippet="<mark>x</mark>", text="x", confidence=0.5, rank=1,
    )  # fmt: skip


def test_the_person_is_shown_at_most_three_articles_that_may_help_meanwhile(room: MailRoom) -> None:
    articles = [suggestion(f"Article {number}", f"/en/{number}/") for number in range(1, 5)]
    mail = room.writer.acknowledgement(room.ticket(), articles)
    assert mail is not None
    text = part(mail, "plain")
    assert "This may help meanwhile:\n- Article 1\n  https://help.playdeck.example/en/1/\n" in text
    assert "Article 3" in text
    assert "Article 4" not in text
    assert 'href="https://help.playdeck.example/en/3/"' in part(mail, "html")


def test_an_article_that_no_mail_program_could_open_is_not_named(room: MailRoom) -> None:
    mail = room.writer.acknowledgement(room.ticket(), [suggestion("Trap", "javascript:alert(1)")])
    assert mail is not None
    assert "Trap" not in part(mail, "plain")
    assert "may help" not in part(mail, "plain")
