"""A conversation with a mail server: opened, greeted, encrypted, logged in, then one message after the other.

Owns the order of the commands and what a failure at each of them proves. Owns no pool and no e-mail's content.
"""

import base64
import re
import ssl
from collections.abc import Mapping

from msgspec import Struct

from channels import boot_clock
from channels.contract import Accepted, InDoubt, Outcome, ReasonClass, Rejected
from channels.email.smtp_replies import Reply, Stage, refusal
from channels.email.smtp_wire import BrokenReply, Wire

_PROBE_SECONDS = 2.0  # for a kept connection to show that it lives, before another one is opened
_LINE_START_DOT = re.compile(rb"(?m)^\.")


class Server(Struct, frozen=True, kw_only=True):
    """A mail server and how it is spoken to. `tls` is None for the loopback only."""

    host: str
    port: int
    tls: ssl.SSLContext | None
    is_implicit_tls: bool = False
    username: str = ""
    password: str = ""
    helo_name: str = ""


class Letter(Struct, frozen=True, kw_only=True):
    """One message and its envelope; `envelope_id` is what a notification about it quotes."""

    envelope_id: str
    sender: str
    recipient: str
    content: bytes
    provider_id: str


class NotOpened(Exception):
    """No conversation came about; nothing of any message was said."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__("not opened")
        self.outcome = outcome


class Session:
    """An open conversation. Used by one thread at a time."""

    def __init__(self, wire: Wire, extensions: Mapping[str, str]) -> None:
        self._wire = wire
        self._extensions = extensions
        self.opened_at = boot_clock.now()
        self.messages = 0
        self.is_usable = True

    def is_alive(self, deadline: float) -> bool:
        """Whether the server still answers; what is left of a refused message is forgotten."""
        try:
            probed_by = min(deadline, boot_clock.now() + _PROBE_SECONDS)
            return self._wire.command("RSET", probed_by).is_positive
        except (OSError, BrokenReply):
            return False

    def deliver(self, letter: Letter, *, start_by: float | None, deadline: float) -> Outcome:
        """Hands over one message. A doubt begins with its last line, not before: without it no server keeps it."""
        refused = self._unspeakable(letter)
        if refused is not None:
            return refused
        stage = Stage.MAIL
        try:
            if boot_clock.is_past(start_by):
                return boot_clock.TOO_LATE
            self.is_usable = False  # until a reply that leaves it so
            self.messages += 1
            for stage, line, expected in self._commands(letter):
                reply = self._wire.command(line, deadline)
                if reply.code not in expected:
                    return self._refused(stage, reply)
            stage = Stage.CONTENT
            self._wire.write(_LINE_START_DOT.sub(b"..", letter.content), deadline)
            self._wire.expect_silence()
        except (OSError, BrokenReply) as error:
            return _not_written(stage, error)
        return self._finish(letter, deadline)

    def _finish(self, letter: Letter, deadline: float) -> Outcome:
        try:
            self._wire.write(b".\r\n", deadline)
            reply = self._wire.reply(deadline)
        except TimeoutError:
            return InDoubt("the mail server did not answer the whole message in time")
        except BrokenReply as error:
            return InDoubt(str(error))
        except OSError as error:
            return InDoubt(f"the connection failed after the whole message: {type(error).__name__}")
        if reply.is_positive:
            self.is_usable = True
            return Accepted(letter.provider_id)
        if reply.code < 400:
            return InDoubt("the mail server's last answer means nothing here")
        return self._refused(Stage.CONTENT, reply)

    def _commands(self, letter: Letter) -> tuple[tuple[Stage, str, tuple[int, ...]], ...]:
        mail = f"MAIL FROM:<{letter.sender}>"
        if "SIZE" in self._extensions:
            mail += f" SIZE={len(letter.content)}"
        if "8BITMIME" in self._extensions:
            mail += " BODY=8BITMIME"
        if "DSN" in self._extensions:  # RFC 3461: what comes back names the attempt, and not what was written
            mail += f" RET=HDRS ENVID={letter.envelope_id}"
        return (
            (Stage.MAIL, mail, (250,)),
            (Stage.RCPT, f"RCPT TO:<{letter.recipient}>", (250, 251)),
            (Stage.DATA, "DATA", (354,)),
        )

    def _unspeakable(self, letter: Letter) -> Rejected | None:
        """What this server said that it does not take."""
        if not letter.content.isascii() and "8BITMIME" not in self._extensions:
            return _rejected(ReasonClass.CONFIG, "no_8bitmime", "the mail server takes no UTF-8 text")
        limit = self._extensions.get("SIZE", "")
        if limit.isascii() and limit.isdigit() and 0 < int(limit) < len(letter.content):
            return _rejected(ReasonClass.CONTENT, "too_large", "the message is larger than the mail server takes")
        return None

    def _refused(self, stage: Stage, reply: Reply) -> Outcome:
        if reply.code < 400:  # neither yes nor no
            return _not_written(stage, BrokenReply())
        self.is_usable = reply.code != 421
        return refusal(stage, reply)

    def close(self) -> None:
        self._wire.close()


def open_session(server: Server, deadline: float) -> Session:
    """Connects, greets, encrypts and logs in. Raises NotOpened."""
    try:
        wire = Wire(server.host, server.port, deadline)
    except (OSError, UnicodeError) as error:
        raise NotOpened(_rejected(ReasonClass.NOT_WRITTEN, "connect", type(error).__name__)) from error
    opening = _Opening(wire, server, deadline)
    try:
        return Session(wire, opening.all())
    except NotOpened:
        wire.close()
        raise
    except (OSError, ValueError, BrokenReply) as error:
        wire.close()
        raise NotOpened(_not_written(opening.stage, error)) from error


class _Opening:
    """The steps of an opening; `stage` says how far it came."""

    def __init__(self, wire: Wire, server: Server, deadline: float) -> None:
        self._wire, self._server, self._deadline = wire, server, deadline
        self.stage = Stage.GREETING

    def all(self) -> Mapping[str, str]:
        """The extensions that the server offers in the end."""
        server = self._server
        if server.tls is not None and server.is_implicit_tls:
            self._encrypt(server.tls)
        self._expect(Stage.GREETING, self._wire.reply(self._deadline))
        extensions = self._ehlo()
        if server.tls is not None and not server.is_implicit_tls:
            if "STARTTLS" not in extensions:
                raise NotOpened(_rejected(ReasonClass.CONFIG, "no_starttls", "the mail server offers no encryption"))
            self._say(Stage.STARTTLS, "STARTTLS")
            self._encrypt(server.tls)
            extensions = self._ehlo()
        if server.username:
            self._log_in(extensions.get("AUTH", "").upper().split())
        return extensions

    def _encrypt(self, tls: ssl.SSLContext) -> None:
        self.stage = Stage.STARTTLS
        self._wire.start_tls(tls, self._server.host, self._deadline)

    def _ehlo(self) -> Mapping[str, str]:
        reply = self._say(Stage.EHLO, f"EHLO {self._server.helo_name or self._wire.own_address}")
        words = (line.partition(" ") for line in reply.lines[1:])
        return {name.upper(): parameters.strip() for name, _, parameters in words}

    def _log_in(self, mechanisms: list[str]) -> None:
        server = self._server
        if "PLAIN" in mechanisms:
            self._say(Stage.AUTH, f"AUTH PLAIN {_base64(f'{chr(0)}{server.username}{chr(0)}{server.password}')}")
        elif "LOGIN" in mechanisms:
            self._say(Stage.AUTH, "AUTH LOGIN", expected=334)
            self._say(Stage.AUTH, _base64(server.username), expected=334)
            self._say(Stage.AUTH, _base64(server.password))
        else:
            detail = "the mail server offers neither PLAIN nor LOGIN"
            raise NotOpened(_rejected(ReasonClass.CONFIG, "no_auth", detail))

    def _say(self, stage: Stage, line: str, *, expected: int = 0) -> Reply:
        self.stage = stage
        return self._expect(stage, self._wire.command(line, self._deadline), expected=expected)

    def _expect(self, stage: Stage, reply: Reply, *, expected: int = 0) -> Reply:
        if (reply.code == expected) if expected else reply.is_positive:
            return reply
        if reply.code < 400:
            raise BrokenReply("the mail server answered something else")
        raise NotOpened(refusal(stage, reply))


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")


def _rejected(reason_class: ReasonClass, code: str, detail: str) -> Rejected:
    return Rejected(reason_class=reason_class, code=code, detail=detail)


def _not_written(stage: Stage, error: Exception) -> Rejected:
    """The message's last line did not leave, so nobody keeps it."""
    return _rejected(ReasonClass.NOT_WRITTEN, f"cut_at_{stage}", type(error).__name__)
