"""The errors of this library. What a provider or the network does wrong is an Outcome, never an error.

ChannelError
├── InvalidMessage       a message that no provider may be given
├── WrongChannel         a message handed to the adapter of another channel
├── UnknownProvider      a provider name that the registry does not have
├── UnsupportedChannel   a provider asked for a channel that it does not serve
└── InvalidOptions       what an adapter needs and was not given
"""


class ChannelError(ValueError):
    """Root error: a stable `code`, a sentence, a hint, a place. Never carries a value of a message.

    It is a ValueError so that msgspec reports a refused message as a fault of the data being decoded.
    """

    def __init__(self, code: str, message: str, *, hint: str = "", where: str = "") -> None:
        super().__init__(code, message)
        self.code, self.message, self.hint, self.where = code, message, hint, where

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.message}" + (f" ({self.hint})" if self.hint else "")


class InvalidMessage(ChannelError):
    """A message that no provider may be given; `where` reads `EmailMessage.subject`."""


class WrongChannel(ChannelError):
    """A message handed to the adapter of another channel: a fault of the caller, nothing was sent."""


class UnknownProvider(ChannelError):
    """A provider name that the registry does not have; the hint names near ones."""


class UnsupportedChannel(ChannelError):
    """A provider asked for a channel that it does not serve."""


class InvalidOptions(ChannelError):
    """What an adapter needs and was not given, or an outbox or clock that it cannot use."""
