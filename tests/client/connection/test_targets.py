"""What a target names."""

import json

import pytest

from edgeocr.client import Client, Tls
from edgeocr.client.connection.service_config import service_config
from edgeocr.client.connection.targets import parse_target


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("10.0.0.1:50051,10.0.0.2:50052", "ipv4:10.0.0.1:50051,10.0.0.2:50052"),
        ("10.0.0.1:1, 10.0.0.2:2", "ipv4:10.0.0.1:1,10.0.0.2:2"),
        ("ipv4:10.0.0.1:1,10.0.0.2:2", "ipv4:10.0.0.1:1,10.0.0.2:2"),
        ("[2001:db8::1]:1,[::1]:2", "ipv6:[2001:db8::1]:1,[::1]:2"),
        ("ipv6:[2001:db8::1]:1,[::1]:2", "ipv6:[2001:db8::1]:1,[::1]:2"),
    ],
)
def test_a_list_of_addresses_becomes_a_name_of_grpc(target, name):
    servers = parse_target(target)
    assert servers.name == name
    assert servers.several
    assert servers.listed


@pytest.mark.parametrize(
    "target", ["ocr:50051", "127.0.0.1:1", "[::1]:1", "unix:/run/a,b.sock", "unix-abstract:ocr", "ipv4:10.0.0.1:1"]
)
def test_one_server_or_proxy_is_taken_as_it_is(target):
    servers = parse_target(target)
    assert servers.name == target
    assert not servers.several


@pytest.mark.parametrize("target", ["dns:///ocr.example:50051", "dns://10.0.0.53/ocr.example:50051", "dns:ocr:1"])
def test_a_name_of_dns_may_stand_for_several(target):
    servers = parse_target(target)
    assert servers.name == target
    assert servers.several
    assert not servers.listed


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("ocr-1:50051,ocr-2:50051", "'ocr-1:50051' in a list is no IP address"),
        ("10.0.0.1:1,10.0.0.2", "'10.0.0.2' in a list is no IP address with a port"),
        ("10.0.0.1:1,10.0.0.2:65536", "'10.0.0.2:65536'"),
        ("10.0.0.1:1,", "'' in a list"),
        ("10.0.0.1:1,unix:/run/ocr.sock", "'unix:/run/ocr.sock' in a list"),
        ("10.0.0.1:1,[::1]:1", "one family"),
        ("ipv6:10.0.0.1:1,10.0.0.2:1", "one family"),
        ("dns:///a:1,b:1", "several names"),
    ],
)
def test_a_wrong_list_is_refused_with_its_fault(target, said):
    with pytest.raises(ValueError, match="target: ") as error:
        Client(target)
    assert said in str(error.value)


def test_a_list_with_tls_needs_the_name_in_the_certificates():
    with pytest.raises(ValueError, match="--tls-name"):
        Client("10.0.0.1:1,10.0.0.2:1", tls=Tls())
    with Client("10.0.0.1:1,10.0.0.2:1", tls=Tls(name="ocr.example")):
        pass


def test_health_is_watched_where_it_is_a_servers_own():
    assert "healthCheckConfig" not in json.loads(service_config(health_aware=False))
    config = json.loads(service_config(health_aware=True))
    assert config["healthCheckConfig"] == {"serviceName": "edgeocr.v1.OcrService"}
    assert config["loadBalancingConfig"] == [{"round_robin": {}}]


def test_no_image_is_sent_again_by_grpc():
    (method,) = json.loads(service_config(health_aware=True))["methodConfig"]
    assert [name["method"] for name in method["name"]] == ["GetServerInfo"]
    assert method["retryPolicy"]["retryableStatusCodes"] == ["UNAVAILABLE"]


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("http://localhost:5000", "is a URL, but servers are named HOST:PORT, such as localhost:50051"),
        ("grpc://ocr.example", "such as ocr.example:50051"),
        ("https://", "is a URL, but servers are named HOST:PORT"),
        ("localhost", "has no port; servers are named HOST:PORT, such as localhost:50051"),
        ("[::1]", "such as [::1]:50051"),
        ("dns:///ocr.example", "has no port"),
        ("", "has no port"),
    ],
)
def test_what_names_no_port_of_a_server_is_refused_at_once_in_one_line(target, said):
    with pytest.raises(ValueError, match="target: ") as error:
        Client(target)
    assert said in str(error.value)
    assert "\n" not in str(error.value)
