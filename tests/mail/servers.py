"""Mail servers in the test process: a real one, and small ones that behave badly on cue."""

import asyncio
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

LOCAL = "127.0.0.1"


@contextmanager
def listening(start: Callable[[], Awaitable[asyncio.Server]]) -> Iterator[int]:
    """Run a server in a thread of its own, on a free port, until the block ends."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def stop(server: asyncio.Server) -> None:
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0)  # transports that were told to close do so in the next turn

    async def begin() -> asyncio.Server:
        return await start()

    server = asyncio.run_coroutine_threadsafe(begin(), loop).result(10)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(stop(server), loop).result(10)
        # A connection that was just closed needs the loop once more before its socket is.
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0.1), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One mail as a server took it."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    tls: bool
    user: str | None


@dataclass
class Post:
    """What a mail server has taken."""

    mails: list[Taken] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's)
        assert isinstance(envelope.original_content, bytes)
        self.mails.append(
            Taken(
                sender=(envelope.mail_from or "").replace("<>", ""),  # aiosmtpd keeps the brackets
                recipients=tuple(envelope.rcpt_tos),
                content=envelope.original_content,
                tls=session.ssl is not None,
                user=session.auth_data.login.decode() if session.auth_data else None,
            )
        )
        return "250 Taken"


@contextmanager
def mail_server(**options: Any) -> Iterator[tuple[int, Post]]:
    """Run aiosmtpd; `options` are those of its SMTP class."""
    post = Post()
    implicit_tls: ssl.SSLContext | None = options.pop("implicit_tls", None)

    async def start() -> asyncio.Server:
        loop = asyncio.get_running_loop()

        def greet() -> SMTP:
            return SMTP(post, hostname="mail.test", loop=loop, **{"enable_SMTPUTF8": True, **options})

        return await loop.create_server(greet, LOCAL, 0, ssl=implicit_tls)

    with listening(start) as port:
        yield port, post


def accepts(users: Mapping[str, str]) -> Callable[..., AuthResult]:
    """Make an authenticator of aiosmtpd that knows these users."""

    def authenticate(
        server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        known = users.get(data.login.decode()) == data.password.decode()
        return AuthResult(success=known, handled=False, auth_data=data)

    return authenticate


Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextmanager
def scripted(script: Script) -> Iterator[int]:
    """Run a server that does to each client what the script says."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await script(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()

    with listening(lambda: asyncio.start_server(serve, LOCAL, 0)) as port:
        yield port


@dataclass(kw_only=True)
class Talk:
    """A server that speaks SMTP up to a point: `replies` maps a command, or the final ".", to its reply."""

    replies: Mapping[str, str]
    mails: int = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self.say(writer, self.replies.get("CONNECT", "220 mail.test"))
        while line := await reader.readline():
            command = line.decode("ascii", "replace").strip().split(" ")[0].upper()
            reply = self.replies.get(command) or self.usual(command)
            await self.say(writer, reply)
            if command == "QUIT":
                return
            if command == "DATA" and reply.startswith("354"):
                while (await reader.readline()) not in (b".\r\n", b""):
                    pass
                self.mails += 1
                await self.say(writer, self.replies.get(".", "250 Taken"))

    def usual(self, command: str) -> str:
        return {"DATA": "354 Go on", "QUIT": "221 Bye", "EHLO": "250 mail.test"}.get(command, "250 Fine")

    async def say(self, writer: asyncio.StreamWriter, reply: str) -> None:
        match reply:
            case "reset":
                raise ConnectionResetError
            case "hang":
                await asyncio.sleep(3600)
            case "drip":
                while True:
                    writer.write(b"2")
                    await writer.drain()
                    await asyncio.sleep(0.02)
            case "drip lines":
                while True:
                    writer.write(b"250-still here\r\n")
                    await writer.drain()
                    await asyncio.sleep(0.02)
            case _:
                writer.write(reply.encode() + b"\r\n")
                await writer.drain()
