"""A mailbox that is read: where replies to our e-mails and bounces arrive. Owns no connection and no secret."""

import msgspec


class Mailbox(msgspec.Struct, frozen=True, kw_only=True):
    """One folder on one IMAP server. `password` names the environment variable that holds it.

    `token_file` is read at each login instead: an access token that something else renews. `move_to` is where mail goes
    once it was read, nowhere when empty.
    """

    id: str
    host: str
    username: str
    password: str = ""
    token_file: str = ""
    port: int = 0
    security: str = "tls"
    folder: str = "INBOX"
    move_to: str = ""
    ca_file: str = ""
