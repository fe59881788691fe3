"""Signatures are those that other implementations of the specification make."""

import pytest

from watchkeeper.outbound.signing import signature, signed_headers


def test_the_signature_is_the_one_that_openssl_makes() -> None:
    made = signature("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, b'{"test": 2432232314}', "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_half_a_secret_is_said_and_not_shown() -> None:
    with pytest.raises(ValueError, match="no base64 follows") as caught:
        signed_headers("k", 0, b"", "whsec_***")
    assert "***" not in str(caught.value)
