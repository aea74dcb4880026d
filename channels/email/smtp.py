"""E-mail by any SMTP server: connections kept and shared out, one message at a time, never said twice.

The envelope's sender is `bounce+<attempt_id>@...`, so that a bounce tells which attempt it speaks of: see `bounces`.
"""

import ipaddress
import os
import re
import ssl
import weakref
from collections.abc import Mapping
from typing import cast

from channels import boot_clock, eml
from channels.contract import (
    Adapter,
    CannotTell,
    Capabilities,
    Channel,
    EmailMessage,
    Evidence,
    Inquiry,
    Message,
    Outcome,
    ReasonClass,
    Rejected,
    require_channel,
)
from channels.email.smtp_session import Letter, NotOpened, Server, Session, open_session
from channels.errors import InvalidOptions
from channels.provider import Clock, ProviderOptions

_KEEP_SECONDS = 300.0  # servers close idle connections after five minutes (RFC 5321 section 4.5.3.2.7)
_MESSAGES = 100  # of one connection; many servers refuse the next
_TIMEOUT_SECONDS = 10.0  # and the most: a sender whose lease is over must not be writing still
_LOCAL_PART = 64  # octets, RFC 5321 section 4.5.3.1.1
_PORTS = {"tls": 465, "starttls": 587, "none": 25}
_HOST = re.compile(r"[A-Za-z0-9.:\[\]-]{1,253}")


class Smtp:
    """One mail server. Any number of threads; each message has a connection for itself.

    `bounce_domain` is where bounces arrive, the sender's domain when empty. `clock` gives the Date header.
    """

    name = "smtp"
    channel = Channel.EMAIL
    capabilities = Capabilities(
        channel=Channel.EMAIL,
        confirms_delivery=False,  # bounces tell of failures only
        echoes_attempt_id=True,
        leaves_machine=True,
    )

    def __init__(
        self,
        server: Server,
        *,
        clock: Clock,
        bounce_domain: str = "",
        timeout_seconds: float = _TIMEOUT_SECONDS,
        keep_seconds: float = _KEEP_SECONDS,
    ) -> None:
        self._server = server
        self._clock = clock
        self._bounce_domain = bounce_domain
        self._timeout_seconds = timeout_seconds
        self._keep_seconds = keep_seconds
        self._idle: list[Session] = []
        self._process = os.getpid()
        weakref.finalize(self, _close_all, self._idle)

    def send(self, message: Message, *, start_by: float | None = None) -> Outcome:
        """Accepted by the server's last reply only; the Message-ID is the provider id."""
        require_channel(self, message)
        email = cast("EmailMessage", message)
        deadline = boot_clock.now() + self._timeout_seconds
        letter = self._enveloped(email)
        if isinstance(letter, Rejected):
            return letter
        if boot_clock.is_past(start_by):
            return boot_clock.TOO_LATE
        try:
            session = self._kept(deadline) or open_session(self._server, deadline)
        except NotOpened as error:
            return error.outcome
        is_kept = False
        try:
            outcome = session.deliver(letter, start_by=start_by, deadline=deadline)
            is_kept = session.is_usable and session.messages < _MESSAGES
        finally:  # also when the thread is interrupted: half a conversation serves nobody
            if is_kept:
                self._idle.append(session)
            else:
                session.close()
        return outcome

    def look_up(self, inquiry: Inquiry) -> Evidence:  # noqa: ARG002 - the contract's signature
        """A mail server cannot be asked."""
        return CannotTell("SMTP has no ledger")

    def close(self) -> None:
        """Closes the connections that wait."""
        _close_all(self._idle)

    def _enveloped(self, email: EmailMessage) -> Letter | Rejected:
        domain = email.from_address.rpartition("@")[2]
        bounce = f"bounce+{email.attempt_id}"
        if len(bounce) > _LOCAL_PART:
            detail = "no bounce address can hold this attempt id"
            return Rejected(reason_class=ReasonClass.CONTENT, code="attempt_id_too_long", detail=detail)
        return Letter(
            envelope_id=email.attempt_id,
            sender=f"{bounce}@{self._bounce_domain or domain}",
            recipient=email.to_address,
            content=eml.compose(email, sent_at=self._clock()),
            provider_id=f"{email.attempt_id}@{domain}",
        )

    def _kept(self, deadline: float) -> Session | None:
        """A kept connection that still answers; the others are closed."""
        if self._process != os.getpid():  # after a fork two processes would read each other's replies
            self._idle, self._process = [], os.getpid()
        while self._idle:
            try:
                session = self._idle.pop()
            except IndexError:  # another thread took the last one
                return None
            if boot_clock.now() - session.opened_at < self._keep_seconds and session.is_alive(deadline):
                return session
            session.close()
        return None


def _close_all(idle: list[Session]) -> None:
    while idle:
        idle.pop().close()


# ---------------------------------------------------------------- how it is built


def build(_channel: Channel, options: ProviderOptions) -> Adapter:
    """What the registry calls. Raises InvalidOptions.

    Settings: `host`, `security` (`starttls`, `tls`; `none` for this machine only), `port`, `username`, `password`,
    `bounce_domain`, `helo_name`, `ca_file` (certificates to trust instead of the system's), `timeout_seconds` (at
    most 10).
    """
    settings = options.settings
    host, security = settings.get("host", ""), settings.get("security", "starttls")
    if options.clock is None or not _HOST.fullmatch(host):
        raise InvalidOptions("options_missing", "SMTP needs the name of a host and a clock", where="host")
    if security not in _PORTS:
        raise InvalidOptions("security_unknown", "not a kind of encryption", hint=", ".join(_PORTS), where="security")
    if security == "none" and not _is_loopback(host):
        raise InvalidOptions("not_encrypted", "mail beyond this machine is encrypted", hint="starttls or tls")
    for name in ("bounce_domain", "helo_name"):
        if not _HOST.fullmatch(settings.get(name, "localhost")):
            raise InvalidOptions("host_invalid", "not the name of a host", where=name)
    server = Server(
        host=host,
        port=int(_number(settings, "port", _PORTS[security])),
        tls=None if security == "none" else _trusting(settings.get("ca_file", "")),
        is_implicit_tls=security == "tls",
        username=settings.get("username", ""),
        password=settings.get("password", ""),
        helo_name=settings.get("helo_name", ""),
    )
    return Smtp(
        server,
        clock=options.clock,
        bounce_domain=settings.get("bounce_domain", ""),
        timeout_seconds=_number(settings, "timeout_seconds", _TIMEOUT_SECONDS, most=_TIMEOUT_SECONDS),
    )


def _trusting(ca_file: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except OSError as error:  # ssl.SSLError is one
        raise InvalidOptions("ca_file_unreadable", "not a file of certificates", where="ca_file") from error


def _number(settings: Mapping[str, str], name: str, otherwise: float, *, most: float = 65_535) -> float:
    try:
        number = float(settings.get(name, "") or otherwise)
    except ValueError:
        number = 0
    if not 0 < number <= most:
        raise InvalidOptions("number_invalid", "not a usable number", where=name)
    return number


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
