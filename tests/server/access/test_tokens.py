"""The file of tokens: what counts as one, and who is let in."""

import gc
from hashlib import sha256

import pytest

from edgeocr.server.access import tokens as module
from edgeocr.server.access.tokens import Tokens, carried_token, watch_tokens
from edgeocr.server.errors import StartError

FIRST, SECOND = "first-token-of-the-test", "c2Vjb25kIHRva2Vu+/=="


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "tokens"
    path.write_text(f"# for the scanner\n{FIRST}\n\n  {SECOND}  \r\n")
    path.chmod(0o600)
    return path


def test_every_token_of_the_file_is_known_and_nothing_else(file):
    tokens = watch_tokens(file).current()
    assert len(tokens) == 2
    assert tokens.has(FIRST.encode())
    assert tokens.has(SECOND.encode())
    for other in ("", FIRST[:-1], FIRST + "x", FIRST.upper(), "# for the scanner", f"  {SECOND}  "):
        assert not tokens.has(other.encode())


def test_callers_have_the_names_before_their_tokens_or_their_hash(file):
    file.write_text(f"scanner {FIRST}\nmail-room@second.floor\t{SECOND}\nthird-token-of-the-test\n")
    tokens = watch_tokens(file).current()
    assert tokens.caller(FIRST.encode()) == "scanner"
    assert tokens.caller(SECOND.encode()) == "mail-room@second.floor"
    assert tokens.caller(b"third-token-of-the-test") == sha256(b"third-token-of-the-test").hexdigest()[:16]
    assert tokens.caller(b"scanner") is None


class Hash:
    """One by which tokens differ in their last byte only."""

    def __init__(self, token):
        self.token = token

    def digest(self):
        return bytes(31) + self.token[-1:]


def test_a_token_whose_hash_begins_like_anothers_is_not_known(monkeypatch):
    monkeypatch.setattr(module, "sha256", Hash)
    tokens = Tokens([("", b"token a"), ("", b"token b")])
    assert [tokens.has(token) for token in (b"token a", b"token b", b"token c")] == [True, True, False]


@pytest.mark.parametrize(
    ("authorizations", "token"),
    [
        ([f"Bearer {FIRST}"], FIRST.encode()),
        ([f"bearer  {FIRST} "], FIRST.encode()),
        ([f"Bearer {FIRST}", f"Bearer {FIRST}"], None),
        ([f"Bearer {FIRST}", "Basic x"], None),
        ([f"Basic {FIRST}"], None),
        ([FIRST], None),
        ([f"Bearer {FIRST}".encode()], None),
        ([], None),
    ],
)
def test_a_call_carries_one_bearer_token_or_none(authorizations, token):
    assert carried_token(authorizations) == token


def test_tokens_come_and_go_with_the_file(file):
    watched = watch_tokens(file)
    file.write_text("another-token-of-the-test\n")
    assert watched.current().has(b"another-token-of-the-test")
    assert not watched.current().has(FIRST.encode())


def test_an_emptied_file_lets_nobody_in(file):
    watched = watch_tokens(file)
    file.write_text("")
    assert not watched.current().has(FIRST.encode())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "has no token"),
        ("# nothing\n", "has no token"),
        (f"{FIRST}\nshort\n", "line 2 is not a token"),
        (f"{FIRST} and more\n", "line 1 is not a token"),
        (f"{SECOND} {FIRST}", "line 1 is not a token"),
        (f"a/name {FIRST}", "line 1 is not a token"),
        (f"sixteen-letters- {FIRST}", "line 1 is not a token"),
        (f"alice bob {FIRST}", "line 1 is not a token"),
        ("x" * 513, "line 1 is not a token"),
        ("a-token-with-ümlauts-in-it", "line 1 is not a token"),
    ],
)
def test_a_wrong_file_is_named_without_its_tokens(file, text, words):
    file.write_text(text)
    with pytest.raises(StartError) as error:
        watch_tokens(file)
    assert f"{file}: {words}" in str(error.value)
    assert "short" not in str(error.value)
    assert FIRST not in str(error.value)


def test_the_tokens_themselves_are_not_kept():
    tokens = Tokens([("", FIRST.encode())])
    assert not [held for held in gc.get_referents(*gc.get_referents(tokens)) if held == FIRST.encode()]
    assert FIRST.encode() not in repr(vars(tokens)).encode()
