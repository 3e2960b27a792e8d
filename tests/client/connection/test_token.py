"""Where a client sends its token, and where not."""

import pytest

from edgeocr.client import Client
from edgeocr.client.connection.token import check_token

TOKEN = "a-token-of-the-test"


@pytest.mark.parametrize(
    "target",
    [
        "127.0.0.1:50051", "localhost:50051", "[::1]:50051", "unix:/run/ocr.sock", "unix:///run/ocr.sock",
        "unix-abstract:ocr", "dns:///localhost:50051", "dns://8.8.8.8/localhost:1", "ipv4:127.0.0.2:1", "ipv6:[::1]:1",
        "127.0.0.1:1,127.0.0.2:1",
    ],
)  # fmt: skip
def test_a_token_goes_to_this_machine_in_the_clear(target):
    check_token(TOKEN, target, encrypted=False, insecure=False)


@pytest.mark.parametrize(
    "target",
    [
        "ocr.example:50051", "10.0.0.1:50051", "localhost.example:1", "dns:///ocr.example:1", "[2001:db8::1]:1",
        "127.0.0.1:1,10.0.0.1:1", "ipv4:127.0.0.1:1,10.0.0.1:1",
    ],
)  # fmt: skip
def test_it_goes_elsewhere_encrypted_or_by_leave_only(target):
    with pytest.raises(ValueError, match="unencrypted"):
        check_token(TOKEN, target, encrypted=False, insecure=False)
    check_token(TOKEN, target, encrypted=True, insecure=False)
    check_token(TOKEN, target, encrypted=False, insecure=True)


@pytest.mark.parametrize("token", ["", "two words", "line\nbreak", "grüße"])
def test_what_no_header_can_carry_is_refused_without_repeating_it(token):
    with pytest.raises(ValueError) as error:
        Client("127.0.0.1:1", token=token)
    assert not token or token not in str(error.value)
