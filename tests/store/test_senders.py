"""Senders and their tokens, tenants and settings."""

from datetime import UTC, datetime, timedelta

import pytest

from watchkeeper.model.sender import Sender
from watchkeeper.store import Store

NOW = datetime(2025, 1, 1, tzinfo=UTC)


def _sender(name: str, tenant: str = "default", **more: object) -> Sender:
    return Sender.model_validate({"id": f"{tenant}-{name}", "tenant": tenant, "name": name, **more})


def test_a_sender_is_known_by_the_digest_of_its_token_whatever_its_tenant(store: Store) -> None:
    theirs = store.of("acme")
    store.keep_sender(ours := _sender("edge"))
    theirs.keep_sender(other := _sender("edge", "acme"))
    store.keep_sender_token(ours.id, "d1", NOW + timedelta(days=1))
    theirs.keep_sender_token(other.id, "d2")
    assert (store.sender_of("d1", NOW), store.sender_of("d2"), store.sender_of("d3")) == (ours, other, None)
    assert store.sender_of("d1", NOW + timedelta(days=1)) is None, "expired"
    theirs.keep_sender(other.model_copy(update={"on": False}))
    assert store.sender_of("d2") is None, "switched off"
    assert (store.senders(), len(store.every_sender())) == ((ours,), 2)
    assert (store.drop_sender(other.id), theirs.drop_sender(other.id), theirs.senders()) == (False, True, ())


def test_a_tenants_senders_have_names_of_their_own_and_no_other_tenant(store: Store) -> None:
    store.keep_sender(_sender("edge"))
    store.keep_sender(_sender("edge", reader="squid"))
    with pytest.raises(ValueError, match="already"):
        store.keep_sender(_sender("edge", id="another"))
    with pytest.raises(ValueError, match="of tenant 'acme'"):
        store.keep_sender(_sender("edge", "acme"))
    with pytest.raises(KeyError):
        store.of("acme").keep_sender_token("default-edge", "d")


def test_settings_and_titles_are_a_tenants_own(store: Store) -> None:
    acme = store.of("acme")
    acme.keep_title("Acme Ltd")
    acme.keep_setting("a", "1")
    acme.keep_setting("a", "2")
    assert (acme.setting("a"), acme.settings(), store.setting("a"), store.settings()) == ("2", {"a": "2"}, None, {})
    assert store.tenants() == {"default": "", "acme": "Acme Ltd"}
