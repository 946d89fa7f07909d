"""A mail server that plays thirteen faults: for `durability.py`."""

import asyncio
import random
import ssl
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser
from pathlib import Path

LOCAL = "127.0.0.1"
FAULTS = (
    "421 at the door",
    "silence at the door",
    "TLS where SMTP was asked for",
    "TLS that breaks off",
    "drip at EHLO",
    "greylist",
    "full mailbox",
    "550 to the recipient",
    "reset at DATA",
    "reset after the dot",
    "hang after the dot",
    "452 after the dot",
    "552 after the dot",
)
# These have taken the mail and never say so: it comes again, which no sender can know to be needless.
TAKEN_AND_NOT_SAID = ("reset after the dot", "hang after the dot")
REFUSALS = {
    "greylist": "451 4.7.1 Later",
    "full mailbox": "452 4.2.2 Full",
    "550 to the recipient": "550 5.1.1 Nobody",
    "452 after the dot": "452 4.3.1 Full",
    "552 after the dot": "552 5.2.2 Full",
}


@dataclass
class Taken:
    """What has arrived: ticket number and Message-ID of each mail."""

    mails: list[tuple[str, str]] = field(default_factory=list)

    def add(self, content: bytes) -> None:
        head = BytesHeaderParser().parsebytes(content)
        self.mails.append((str(head["X-Answerfirst-Number"]), str(head["Message-ID"])))


@dataclass
class Post:
    """A mail server that takes mail over STARTTLS, but for a share of its sessions, which go wrong.

    Faults come like cards from a shuffled pack, so that all come equally often. Until the first pack is
    through every second session has one, even when the server is told to be quiet. Sessions that go well
    are passed on, byte by byte, to the server at port `behind` where there is one.
    """

    share: float
    chance: random.Random
    taken: Taken = field(default_factory=Taken)
    tls: ssl.SSLContext | None = None
    behind: int | None = None
    port: int = 0
    played: Counter[str] = field(default_factory=Counter)
    quiet: bool = False
    pack: list[str] = field(default_factory=list)
    sessions: int = 0

    @property
    def missing(self) -> list[str]:
        """List the faults that were not played yet."""
        return [fault for fault in FAULTS if not self.played[fault]] if self.share else []

    async def session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        fault = self._fault()
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self._talk(reader, writer, fault)
        writer.transport.abort()

    def _fault(self) -> str:
        self.sessions += 1
        first_pack = bool(self.missing) and self.sessions % 2 == 0
        if not first_pack and (self.quiet or self.chance.random() >= self.share):
            return ""
        if not self.pack:
            self.pack = self.chance.sample(FAULTS, len(FAULTS))
        fault = self.pack.pop()
        self.played[fault] += 1
        return fault

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fault: str) -> None:
        match fault:
            case "silence at the door":
                await asyncio.sleep(3600)
            case "TLS where SMTP was asked for":
                writer.write(b"\x15\x03\x01\x00\x02\x02\x0a")
                return await writer.drain()
        writer.write(b"421 Not now\r\n" if fault == "421 at the door" else b"220 front.example\r\n")
        if self.tls is not None and not await self._starts_tls(reader, writer, fault, self.tls):
            return None
        if self.behind is not None and not fault:
            return await _pass_on(reader, writer, self.behind)
        return await self._mails(reader, writer, fault)

    async def _starts_tls(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fault: str, tls: ssl.SSLContext
    ) -> bool:
        while line := await reader.readline():
            match _command(line):
                case b"EHLO":
                    if fault == "drip at EHLO":
                        await _drip(writer)
                    writer.write(b"250-front.example\r\n250 STARTTLS\r\n")
                case b"STARTTLS":
                    writer.write(b"220 Go on\r\n")
                    if fault == "TLS that breaks off":
                        await reader.read(100)  # of the client's hello
                        return False
                    await writer.start_tls(tls)
                    return True
                case _:
                    writer.write(b"221 Bye\r\n")
                    return False
        return False

    async def _mails(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fault: str) -> None:
        def say(line: str) -> None:
            writer.write(line.encode() + b"\r\n")

        while line := await reader.readline():
            match _command(line):
                case b"RCPT" if fault in ("greylist", "full mailbox", "550 to the recipient"):
                    say(REFUSALS[fault])
                case b"DATA" if fault == "reset at DATA":
                    return
                case b"DATA":
                    say("354 Go on")
                    content = await reader.readuntil(b"\r\n.\r\n")
                    if fault in ("452 after the dot", "552 after the dot"):
                        say(REFUSALS[fault])
                        continue
                    self.taken.add(content)
                    if fault == "hang after the dot":
                        await asyncio.sleep(3600)
                    if fault == "reset after the dot":
                        return
                    say("250 Taken")
                case b"QUIT":
                    say("221 Bye")
                    return
                case _:
                    say("250 Fine")


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    """Connect two talks with each other, once the server behind has greeted."""
    inner, outer = await asyncio.open_connection(LOCAL, port)
    await inner.readline()
    both = [asyncio.create_task(_copy(reader, outer)), asyncio.create_task(_copy(inner, writer))]
    await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    for one in both:
        one.cancel()
    outer.transport.abort()


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await source.read(65536):
            target.write(piece)
            await target.drain()


async def _drip(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"2")
        await writer.drain()
        await asyncio.sleep(0.05)


def _command(line: bytes) -> bytes:
    return line.split()[0].upper() if line.split() else b""


@contextmanager
def listening(*posts: Post) -> Iterator[None]:
    """Run mail servers in a thread of their own, each on a free port."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start(post: Post) -> asyncio.Server:
        return await asyncio.start_server(post.session, LOCAL, 0)

    async def stop() -> None:
        for server in servers:
            server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    servers = []
    for post in posts:
        servers.append(asyncio.run_coroutine_threadsafe(start(post), loop).result(10))
        post.port = servers[-1].sockets[0].getsockname()[1]
    try:
        yield
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)


def certificate(folder: Path) -> ssl.SSLContext:
    """Make a certificate for this machine; `cert.pem` in the folder is what a client must trust."""
    words = (
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=front.example"
    )
    names = ["-addext", f"subjectAltName=IP:{LOCAL}", "-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run(["openssl", *words.split(), *names], cwd=folder, check=True, capture_output=True)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return server
