"""Tokens: unguessable, kept as hashes by the server, compared in constant time."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

from speak.errors import UserError
from speak.files import atomic_path, write_text

EXPERIMENTER = "experimenter"
INVITATIONS, HASHES = "invitations.csv", "tokens.json"
TOKEN_BYTES = 32


class Tokens:
    """Who holds which token, known only by hashes."""

    def __init__(self, hashes: Mapping[str, str]):
        self._hashes = dict(hashes)

    def holder(self, token: str) -> str | None:
        """A participant, ``EXPERIMENTER``, or None. Takes as long whoever it is: every hash is compared."""
        found, digest = None, _digest(token)
        for name, known in self._hashes.items():
            if hmac.compare_digest(digest, known):
                found = name
        return found


def invite(folder: Path, participants: Iterable[str]) -> None:
    """Draw a token for each participant and the experimenter; write their hashes, and the links for the owner alone."""
    tokens = {name: secrets.token_urlsafe(TOKEN_BYTES) for name in [*participants, EXPERIMENTER]}
    hashes = {name: _digest(token) for name, token in tokens.items()}
    write_text(folder / HASHES, json.dumps(hashes, indent=1) + "\n")
    lines = [f"{name},{path_of(name, token)}" for name, token in tokens.items()]
    with atomic_path(folder / INVITATIONS) as temporary:
        temporary.touch(mode=0o600)
        temporary.write_text("\n".join(["who,path", *lines]) + "\n", encoding="utf-8")


def path_of(name: str, token: str) -> str:
    """Where a token leads."""
    return f"/experimenter/{token}" if name == EXPERIMENTER else f"/study/{token}"


def read_tokens(folder: Path) -> Tokens:
    """The hashes of a study's tokens. Raises UserError when they are gone."""
    return Tokens(json.loads(_text(folder / HASHES)))


def read_links(folder: Path, url: str) -> dict[str, str]:
    """Whole links by who they are for. Raises UserError when the file was removed after inviting."""
    rows = [line.split(",") for line in _text(folder / INVITATIONS).splitlines()[1:]]
    return {name: url + path for name, path in rows}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise UserError(f"{path}: no such file; it was written when the study was made") from error


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
