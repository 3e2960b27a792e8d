"""What a server leaves open, told in its log."""

import pytest

from edgeocr.server.access.policy import exposures, make_access_policy
from edgeocr.server.settings.config import Config

TLS = {"tls_certificate": "/c", "tls_key": "/k"}


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"listen": "unix:/run/edgeocr.sock", "metrics": None},
        {"listen": "[::1]:50051", "metrics": "localhost:9464"},
        {"listen": "127.9.9.9:50051"},
        {"listen": "0.0.0.0:50051", "tokens": "/t", **TLS},
        {"listen": "0.0.0.0:50051", "tls_client_ca": "/a", **TLS},
    ],
)
def test_nothing_is_said_of_doors_that_are_shut(settings):
    assert not list(exposures(Config(**settings)))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (
            {"listen": "0.0.0.0:1"},
            ["anyone who can reach 0.0.0.0:1 can use", "images and texts pass 0.0.0.0:1 unencrypted"],
        ),
        ({"listen": "[::]:1", **TLS}, ["anyone who can reach [::]:1 can use the service"]),
        ({"listen": "ocr.example:1", "tokens": "/t"}, ["tokens, images and texts pass ocr.example:1 unencrypted"]),
        ({"http": "0.0.0.0:5", "tokens": "/t"}, ["http: tokens, images and texts pass 0.0.0.0:5 unencrypted"]),
        ({"metrics": "10.0.0.1:9464"}, ["metrics: anyone who can reach 10.0.0.1:9464"]),
    ],
)
def test_what_is_open_to_other_machines_is_named(settings, words):
    said = list(exposures(Config(**settings)))
    assert len(said) == len(words)
    for sentence, part in zip(said, words, strict=True):
        assert part in sentence


@pytest.mark.parametrize(
    ("settings", "hosts"),
    [
        ({}, set()),
        ({"http": "127.0.0.1:5"}, set()),
        ({"http": "localhost:5"}, set()),
        ({"http": "[::]:5", "http_hosts": "OCR.example,scan"}, {"ocr.example", "scan"}),
        ({"http": "Ocr.lan:5", "http_hosts": "scan"}, {"ocr.lan", "scan"}),
    ],
)
def test_names_are_those_that_are_given_and_the_one_that_is_listened_on(settings, hosts):
    assert make_access_policy(Config(**settings)).hosts == hosts
