"""Signatures in minisign's format: what its lines hold, and whether one is right. Owns no file of keys and no decision whom to trust.

Only the prehashed kind is made and taken: Ed25519 over the BLAKE2b-512 of what is signed.
Source: minisign's documentation, "Signature format".
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

UNTRUSTED = "untrusted comment: "
_TRUSTED = "trusted comment: "
FIRST_LINE = f"{UNTRUSTED}signature from minisign secret key"
"""Nothing signs this line, so that no other is taken: a changed byte in it is seen too. minisign writes it unless told otherwise."""
_LONGEST_COMMENT = 1024
MOST_BYTES = 2048
"""A signature's four lines are never longer."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """Whom a signature is from."""

    id: bytes
    """8 bytes that tell keys apart; anyone can make a key with the id of another."""
    point: bytes
    """32 bytes."""

    @property
    def name(self) -> str:
        """Its id as minisign writes it: 16 hex digits."""
        return key_name(self.id)

    @property
    def line(self) -> str:
        """The line that people hand on; the second in a file of minisign's."""
        return base64.b64encode(b"Ed" + self.id + self.point).decode()


@dataclass(frozen=True, slots=True)
class SecretKey:
    """What signs; never shown."""

    public: PublicKey
    seed: bytes
    """32 bytes."""

    def __repr__(self) -> str:
        """Name it and keep its secret."""
        return f"SecretKey({self.public.name})"


@dataclass(frozen=True, slots=True)
class Signature:
    """The four lines, taken apart; nothing is known to be right yet."""

    key_id: bytes
    of_content: bytes
    """64 bytes over the content's hash."""
    comment: str
    """What the signer said, signed too."""
    of_comment: bytes
    """64 bytes over the other signature and the comment."""


def key_name(key_id: bytes) -> str:
    """Write a key's id as minisign does."""
    return f"{int.from_bytes(key_id, 'little'):016X}"


def new_key(seed: bytes, key_id: bytes) -> SecretKey:
    """Give the key that 32 and 8 random bytes come to."""
    return SecretKey(PublicKey(key_id, Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()), seed)


def hashed(chunks: Iterable[bytes]) -> bytes:
    """Give the hash that is signed."""
    whole = hashlib.blake2b(digest_size=64)
    for chunk in chunks:
        whole.update(chunk)
    return whole.digest()


def sign(digest: bytes, key: SecretKey, comment: str) -> bytes:
    """Write the four lines for content of that hash; the same content, key and comment give the same lines.

    Raises:
        ValueError: the comment is no single line of reasonable length.
    """
    _check_comment(comment)
    private = Ed25519PrivateKey.from_private_bytes(key.seed)
    of_content = private.sign(digest)
    of_comment = private.sign(of_content + comment.encode())
    lines = (FIRST_LINE, _encoded(b"ED" + key.public.id + of_content), _TRUSTED + comment, _encoded(of_comment))
    return "".join(f"{line}\n" for line in lines).encode()


def parse_signature(text: bytes) -> Signature:
    """Take four lines apart.

    Raises:
        ValueError: they are no prehashed signature, or not written as minisign writes it.
    """
    lines = _text(text).split("\n")
    if len(lines) != 5 or lines[4] or lines[0] != FIRST_LINE or not lines[2].startswith(_TRUSTED):
        raise ValueError(f"the signature is not the four lines that minisign writes; the first is {FIRST_LINE!r}")
    comment = lines[2].removeprefix(_TRUSTED)
    _check_comment(comment)
    content, of_comment = _decoded(lines[1], 74), _decoded(lines[3], 64)
    if content[:2] != b"ED":
        raise ValueError("the signature is not of the prehashed kind; sign with minisign 0.10 or later, without -l")
    return Signature(content[2:10], content[10:], comment, of_comment)


def is_right(signature: Signature, digest: bytes, key: PublicKey) -> bool:
    """Say whether a key signed content of that hash and the comment."""
    if signature.key_id != key.id:
        return False
    try:
        point = Ed25519PublicKey.from_public_bytes(key.point)
        point.verify(signature.of_content, digest)
        point.verify(signature.of_comment, signature.of_content + signature.comment.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def parse_public(text: str) -> PublicKey:
    """Read a public key: the line alone, or a file of minisign's.

    Raises:
        ValueError: it is neither.
    """
    lines = text.strip().splitlines()
    if len(lines) == 2 and lines[0].startswith(UNTRUSTED):
        del lines[0]
    if len(lines) != 1:
        raise ValueError("a public key is one line, or two of which the first is a comment, as minisign writes them")
    content = _decoded(lines[0].strip(), 42)
    if content[:2] != b"Ed":
        raise ValueError("this is no public key of minisign's: it does not say Ed25519")
    return PublicKey(content[2:10], content[10:])


def public_file(key: PublicKey) -> str:
    """Write a public key as minisign does."""
    return f"{UNTRUSTED}minisign public key {key.name}\n{key.line}\n"


def _check_comment(comment: str) -> None:
    if len(comment.encode()) > _LONGEST_COMMENT or not comment.replace("\t", " ").isprintable():
        raise ValueError(f"a signature's comment is one printable line of at most {_LONGEST_COMMENT:,} bytes")


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise ValueError("the signature is no text") from error


def _encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _decoded(line: str, size: int) -> bytes:
    """Decode a line; what is written in another way than it would be by us is refused, so that no byte can differ unseen."""
    try:
        content = base64.b64decode(line, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"{line[:80]!r} is no base64 as minisign writes it") from error
    if len(content) != size or _encoded(content) != line:
        raise ValueError(f"{line[:80]!r} is no base64 of {size} bytes as minisign writes it")
    return content
