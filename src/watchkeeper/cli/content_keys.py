"""`watchkeeper content keys new`, `trust` and `distrust`. Owns asking for passwords; keys and files are the bundle's."""

import secrets
from pathlib import Path

import typer

from watchkeeper.bundle.minisign import SecretKey, new_key, public_file
from watchkeeper.bundle.secret_file import needs_password, read_secret, write_secret
from watchkeeper.bundle.trusted import distrust, read_key, trust
from watchkeeper.cli.plainly import plain_errors
from watchkeeper.settings import read_settings


def new(out: Path, encrypted: bool) -> None:
    """Make a key pair."""
    with plain_errors():
        public = out.with_suffix(".pub")
        if public == out or out.exists() or public.exists():
            raise FileExistsError(f"{str(out)!r} or {str(public)!r} is there already; a key is never overwritten, choose another name")
        password = typer.prompt("Password for the new key", hide_input=True, confirmation_prompt=True, err=True) if encrypted else ""
        key = new_key(secrets.token_bytes(32), secrets.token_bytes(8))
        write_secret(out, key, password)
        public.write_text(public_file(key.public), "utf-8")
    typer.echo(f"secret key {key.public.name} in {out}" + ("" if encrypted else ", not encrypted: whoever reads the file can sign as you"))
    typer.echo(f"public key in {public}: hand it on by a way that you trust, `watchkeeper content trust {public.name}` trusts it")


def secret_key(path: Path) -> SecretKey:
    """Read a secret key, asking for its password if it has one.

    Raises:
        OSError: it cannot be read.
        ValueError: it is none, or the password is wrong.
    """
    asked = typer.prompt(f"Password of {path}", hide_input=True, err=True) if needs_password(path) else ""
    return read_secret(path, asked)


def trust_key(given: str, state: Path | None) -> None:
    """Trust a key."""
    with plain_errors():
        key = read_key(given)
        is_new = trust(read_settings(state).state, key)
    typer.echo(f"{key.name} is trusted {'from now on' if is_new else 'already'}: what it signs may be installed")


def distrust_key(name: str, state: Path | None) -> None:
    """Trust a key no longer."""
    with plain_errors():
        distrust(read_settings(state).state, name)
    typer.echo(f"{name.upper()} is trusted no longer; what it signed before stays installed")
