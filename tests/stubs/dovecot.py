"""Dovecot, the real IMAP server, on free ports of the loopback with a configuration of its own, none of the system's.

Two users: `replies` and `other`, password `a-password`. `python -m tests.stubs.dovecot` says whether it can be started.
"""

import getpass
import grp
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Self

from imapclient import IMAPClient  # type: ignore[import-untyped]  # it ships no types

from tests.services import ServiceAway
from tests.stubs.certificates import certificate_files

USER, PASSWORD = "replies", "a-password"
_WAIT_SECONDS = 60
_PLACES = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
_CONFIGURATION = """
instance_name = relance-test
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
listen = 127.0.0.1
protocols = imap
default_internal_user = {inside}
default_internal_group = {inside_group}
default_login_user = {inside}
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
first_valid_uid = 1
mail_location = maildir:{folder}/mail/%u
mail_fsync = never
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""


class Dovecot:
    """A server between `with` and its end. Raises ServiceAway where it is not installed."""

    def __init__(self) -> None:
        found = shutil.which("dovecot", path=_PLACES)
        if found is None or not Path("/usr/lib/dovecot/imap").exists():
            raise ServiceAway("Dovecot is not installed (Debian: dovecot-imapd)")
        self._program = found
        self._folder = Path(tempfile.mkdtemp(prefix="dovecot-", dir="/tmp"))  # its sockets need a short path
        self._process: subprocess.Popen[bytes] | None = None
        self.port, self.tls_port = _free_port(), _free_port()
        self._configure()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    # ---------------------------------------------------------------- the server

    def start(self) -> None:
        """Starts it, and waits until it greets; nothing when it runs."""
        if self._process is not None and self._process.poll() is None:
            return
        command = [self._program, "-F", "-c", str(self._folder / "dovecot.conf")]
        with (self._folder / "errors").open("ab") as errors:
            self._process = subprocess.Popen(command, stdout=errors, stderr=errors, start_new_session=True)
        until = time.monotonic() + _WAIT_SECONDS
        while time.monotonic() < until:
            if self._process.poll() is not None:
                break
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=5) as plug:
                    plug.settimeout(5)
                    if plug.recv(4) == b"* OK":
                        return
            except OSError:
                pass
            time.sleep(0.05)
        told = "".join(
            path.read_text(errors="replace")
            for path in (self._folder / "errors", self._folder / "log")
            if path.exists()
        )
        self.stop()
        raise ServiceAway(f"Dovecot does not start: {told[-500:]}")

    def stop(self) -> None:
        """Ends it at once, with every conversation, as a machine that fails does."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)  # its conversations are processes that outlive their parent
            self._process.wait()
        self._process = None

    def _configure(self) -> None:
        is_root = os.geteuid() == 0
        # As root it asks for users that are not: what it keeps mail as, and what its own helpers run as.
        inside = "dovecot" if is_root else getpass.getuser()
        owner = pwd.getpwnam("nobody" if is_root else inside)
        self._folder.chmod(0o755)
        for name in ("run", "state", "mail"):
            (self._folder / name).mkdir()
        os.chown(self._folder / "mail", owner.pw_uid, owner.pw_gid)
        users = "".join(f"{user}:{{PLAIN}}{PASSWORD}\n" for user in (USER, "other"))
        (self._folder / "users").write_text(users)
        certificate, key = certificate_files()
        content = _CONFIGURATION.format(
            folder=self._folder,
            inside=inside,
            inside_group=grp.getgrgid(pwd.getpwnam(inside).pw_gid).gr_name,
            uid=owner.pw_uid,
            gid=owner.pw_gid,
            certificate=certificate,
            key=key,
            port=self.port,
            tls_port=self.tls_port,
        )
        (self._folder / "dovecot.conf").write_text(content)

    # ---------------------------------------------------------------- its mail

    def client(self, user: str = USER) -> IMAPClient:
        """A program of somebody else's that looks into the mailbox."""
        client = IMAPClient("127.0.0.1", port=self.port, ssl=False, timeout=30)
        client.login(user, PASSWORD)
        return client

    def deliver(self, *mails: bytes, folder: str = "INBOX", user: str = USER) -> None:
        """Puts mails into a folder."""
        with self.client(user) as client:
            for raw in mails:
                client.append(folder, raw)

    def seen(self, folder: str = "INBOX", user: str = USER) -> list[bool]:
        """Which mails of a folder are marked as seen, in order."""
        with self.client(user) as client:
            client.select_folder(folder, readonly=True)
            flags = client.get_flags(client.search())
            return [b"\\Seen" in flags[uid] for uid in sorted(flags)]

    def make_anew(self, folder: str, *mails: bytes) -> None:
        """The folder is deleted and made again with these mails: its UIDs begin again under another UIDVALIDITY."""
        with self.client() as client:
            if client.folder_exists(folder):
                client.delete_folder(folder)
            client.create_folder(folder)
        self.deliver(*mails, folder=folder)


def _free_port() -> int:
    with socket.socket() as plug:
        plug.bind(("127.0.0.1", 0))
        return int(plug.getsockname()[1])


def main() -> int:
    """0 when it starts and greets."""
    try:
        with Dovecot():
            return 0
    except ServiceAway as away:
        sys.stderr.write(f"{away}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
