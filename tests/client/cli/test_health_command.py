"""`edgeocr health`, and what all commands say of wrong keys."""

import pytest

from edgeocr.client.cli.main import main

pytestmark = pytest.mark.timeout(30)


def test_a_server_that_serves_is_0_and_one_that_does_not_is_1(server, capsys):
    assert main(["health", "--target", server.target]) == 0
    assert capsys.readouterr().out == "serving\n"
    server.set_serving(False)
    assert main(["health", "--target", server.target]) == 1
    assert capsys.readouterr().out.startswith("not serving: it reports that it is not serving")


def test_no_server_is_1_and_says_why(tmp_path, capsys):
    assert main(["health", "--target", f"unix:{tmp_path}/none"]) == 1
    assert "No such file" in capsys.readouterr().out
    assert main(["health", "--target", f"unix:{tmp_path}/none", "--wait", "0.3"]) == 1
    assert "not serving within 0.3 s: UNAVAILABLE" in capsys.readouterr().err


def test_it_waits_no_longer_than_it_was_asked_to(server, capsys):
    server.set_serving(False)
    assert main(["health", "--target", server.target, "--wait", "0.2"]) == 1
    assert "was not serving within 0.2 s" in capsys.readouterr().err
    server.set_serving(True)
    assert main(["health", "--target", server.target, "--wait", "20"]) == 0


def test_it_sends_no_token(server, monkeypatch, capsys):
    monkeypatch.setenv("EDGEOCR_TOKEN", "a-token-of-the-test")
    assert main(["health", "--target", "ocr.invalid:50051"]) == 1
    assert "token" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--token-file", "none"], "none: cannot be read: No such file"),
        (["--token-file", "two"], "two: has 2 tokens, one is needed"),
        (["--token-file", "one", "--target", "ocr.invalid:1"], "the token would go to ocr.invalid:1 unencrypted"),
        (["--tls-ca", "none"], "none: cannot be read: No such file"),
        (["--tls-key", "one"], "a client certificate and its key"),
    ],
)
def test_wrong_keys_are_a_usage_error(arguments, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one").write_text("# mine\na-token-of-the-test\n")
    (tmp_path / "two").write_text("a-token-of-the-test\nanother-token-of-the-test\n")
    assert main(["info", *arguments]) == 2
    assert words in capsys.readouterr().err
