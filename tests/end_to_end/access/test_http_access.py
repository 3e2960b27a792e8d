"""Who may enter over HTTP: tokens, TLS and mutual TLS."""

import ssl

import httpx
import pytest
import trustme

from tests.end_to_end.http.test_http import HELLO, HTTP, read
from tests.support.certificates import authority_file, issue
from tests.support.serving import ServerProcess

TOKEN = "the-token-of-these-tests"


def test_tokens_guard_the_call_and_the_metrics_but_not_the_page_and_probes(weights, tmp_path):
    (tmp_path / "tokens").write_text(f"{TOKEN}\n")
    (tmp_path / "tokens").chmod(0o600)
    with ServerProcess(*HTTP, "--tokens", str(tmp_path / "tokens")) as server:
        for path in ("/metrics", "/api/openapi.json", "/v2", "/v2/models/edgeocr", "/v2/models/edgeocr/config"):
            answer = httpx.get(server.http + path)
            assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert read(server, HELLO).json()["code"] == "UNAUTHENTICATED"
        assert read(server, HELLO, headers={"Authorization": "Bearer something-else-entirely"}).status_code == 401
        assert read(server, HELLO, headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
        refused = httpx.post(f"{server.http}/v2/models/edgeocr/infer", content=b"{}")
        assert (refused.status_code, refused.json()["error"]) == (401, refused.json()["detail"])
        for path in ("/", "/healthz", "/readyz", "/v2/health/live", "/v2/health/ready", "/v2/models/edgeocr/ready"):
            assert httpx.get(server.http + path).status_code == 200


def test_tls_shows_the_certificate_that_the_files_have(weights, tmp_path):
    authority, next_authority = trustme.CA(), trustme.CA()
    certificate = issue(authority, tmp_path, "server", "127.0.0.1", "localhost")
    flags = ("--tls-certificate", str(certificate.certificate), "--tls-key", str(certificate.key))
    with ServerProcess(*HTTP, *flags) as server:
        assert server.http.startswith("https://")
        trusting = ssl.create_default_context(cafile=str(authority_file(authority, tmp_path, "ca")))
        assert httpx.get(f"{server.http}/healthz", verify=trusting).status_code == 200
        certificate.write(next_authority.issue_cert("127.0.0.1", "localhost"))
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{server.http}/healthz", verify=trusting)
        trusting = ssl.create_default_context(cafile=str(authority_file(next_authority, tmp_path, "next")))
        for host in (server.http, server.http.replace("127.0.0.1", "localhost")):
            assert httpx.get(f"{host}/healthz", verify=trusting).status_code == 200


def test_mutual_tls_keeps_out_those_without_a_certificate(weights, tmp_path):
    authority, clients = trustme.CA(), trustme.CA()
    certificate, known = (
        issue(authority, tmp_path, "server", "127.0.0.1"),
        issue(clients, tmp_path, "client", "scanner"),
    )
    flags = (
        "--tls-certificate", str(certificate.certificate), "--tls-key", str(certificate.key),
        "--tls-client-ca", str(authority_file(clients, tmp_path, "clients")),
    )  # fmt: skip
    with ServerProcess(*HTTP, *flags) as server:
        context = ssl.create_default_context(cafile=str(authority_file(authority, tmp_path, "ca")))
        with pytest.raises(httpx.HTTPError):
            httpx.get(f"{server.http}/healthz", verify=context)
        context.load_cert_chain(known.certificate, known.key)
        assert httpx.get(f"{server.http}/healthz", verify=context).status_code == 200
