"""Who gets into a real server: TLS, mutual TLS, tokens, unix sockets, and what stays open."""

import grpc
import pytest
import trustme
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from grpc_status.rpc_status import from_call

from edgeocr.client import Client, OcrError, Tls
from edgeocr.client.cli.main import main
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from tests.support.certificates import authority_file, issue
from tests.support.rendering import encoded, line
from tests.support.serving import ServerProcess, configuration, eventually, image, start, stub

TOKEN, OTHER_TOKEN = "the-token-of-these-tests", "the-token-after-the-change"
LINE = encoded(line("let in"))


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture(scope="module")
def ca(authority, folder):
    return authority_file(authority, folder, "ca")


@pytest.fixture(scope="module")
def token_file(folder):
    path = folder / "tokens"
    path.write_text(f"# tests\n{TOKEN}\n")
    path.chmod(0o600)
    return path


def tls_flags(files):
    return "--tls-certificate", str(files.certificate), "--tls-key", str(files.key)


@pytest.fixture(scope="module")
def tls_server(weights, authority, folder):
    with ServerProcess(*tls_flags(issue(authority, folder, "server", "127.0.0.1", "localhost"))) as running:
        yield running


@pytest.fixture(scope="module")
def token_server(weights, token_file):
    with ServerProcess("--tokens", str(token_file)) as running:
        yield running


def reads(client):
    """Whether the client can read a line, in one call and in a stream."""
    texts = [client.read(LINE, mode="line").pages[0].text]
    texts += [result.document.pages[0].text for result in client.read_many([("a", LINE)], mode="line")]
    texts += [event.line.text for event in client.read_lines(LINE, mode="line")]
    return [text.replace(" ", "") for text in texts] == ["letin"] * 3


def refusal(client):
    """The code with which the client is kept out."""
    with pytest.raises(OcrError) as error:
        client.info(timeout_seconds=10)
    return error.value.code


def test_tls_lets_in_who_trusts_the_authority(tls_server, ca):
    with Client(tls_server.target, tls=Tls(ca=ca)) as client:
        assert client.is_serving()
        assert reads(client)


def test_tls_keeps_out_plain_text_and_those_who_trust_another(tls_server, folder):
    stranger = authority_file(trustme.CA(), folder, "stranger")
    for tls in (None, Tls(ca=stranger), Tls()):
        with Client(tls_server.target, tls=tls) as client:
            assert refusal(client) is grpc.StatusCode.UNAVAILABLE
            assert not client.is_serving()


def test_a_certificate_for_another_name_needs_that_name(weights, authority, folder, ca, monkeypatch):
    with ServerProcess(*tls_flags(issue(authority, folder, "named", "ocr.example"))) as server:
        with Client(server.target, tls=Tls(ca=ca)) as client:
            assert refusal(client) is grpc.StatusCode.UNAVAILABLE
        with Client(server.target, tls=Tls(ca=ca, name="ocr.example")) as client:
            assert client.is_serving()
        monkeypatch.setenv("EDGEOCR_CLIENT_TLS_CA", str(ca))
        assert main(["health", "--target", server.target]) == 1
        monkeypatch.setenv("EDGEOCR_CLIENT_TLS_NAME", "ocr.example")
        assert main(["health", "--target", server.target]) == 0


def test_mutual_tls_keeps_out_those_without_a_certificate_of_the_right_authority(weights, authority, folder, ca):
    clients = trustme.CA()
    known = issue(clients, folder, "client", "scanner")
    unknown = issue(trustme.CA(), folder, "unknown", "scanner")
    flags = (
        *tls_flags(issue(authority, folder, "mutual", "127.0.0.1")),
        "--tls-client-ca", str(authority_file(clients, folder, "clients")),
    )  # fmt: skip
    with ServerProcess(*flags) as server:
        with Client(server.target, tls=Tls(ca=ca, certificate=known.certificate, key=known.key)) as client:
            assert reads(client)
        for keys in ({}, {"certificate": unknown.certificate, "key": unknown.key}):
            with Client(server.target, tls=Tls(ca=ca, **keys)) as client:
                assert refusal(client) is grpc.StatusCode.UNAVAILABLE
        target = ["--target", server.target, "--tls-ca", str(ca)]
        keys = ["--tls-certificate", str(known.certificate), "--tls-key", str(known.key)]
        assert main(["health", *target, *keys]) == 0
        assert main(["health", *target]) == 1


def test_a_changed_certificate_is_shown_to_those_who_come_and_a_bad_one_is_not(weights, folder):
    before, after = trustme.CA(), trustme.CA()
    files = issue(before, folder, "swapped", "127.0.0.1")
    trusts = {name: Tls(ca=authority_file(ca, folder, name)) for name, ca in (("before", before), ("after", after))}
    with ServerProcess(*tls_flags(files)) as server:

        def lets_in(name):
            # A pool of its own: a channel to the same address would share the connection that there is.
            with Client(server.target, tls=trusts[name], options=[("grpc.use_local_subchannel_pool", 1)]) as client:
                return client.is_serving(timeout_seconds=10)

        with Client(server.target, tls=trusts["before"]) as early:
            assert early.is_serving()
            files.certificate.write_bytes(after.issue_cert("127.0.0.1").cert_chain_pems[0].bytes())
            assert lets_in("before"), "a certificate without its key is not used"
            eventually(lambda: any("the previous value stays in use" in row for row in server.log))
            assert not lets_in("after")
            files.key.write_text("no key at all")
            assert lets_in("before")
            files.write(after.issue_cert("127.0.0.1"))
            assert lets_in("after")
            assert not lets_in("before")
            assert early.is_serving(), "who is in stays in"


def test_wrong_certificates_keep_the_server_from_starting(authority, tmp_path):
    good, other = issue(authority, tmp_path, "good"), issue(authority, tmp_path, "other")
    code, said = start("--tls-certificate", str(good.certificate), "--tls-key", str(other.key))
    assert code == 1
    assert "cannot start: tls_certificate" in said


def test_a_known_token_opens_everything(token_server):
    with Client(token_server.target, token=TOKEN) as client:
        assert client.info().version
        assert reads(client)


@pytest.mark.parametrize(
    "metadata",
    [
        (),
        (("authorization", TOKEN),),
        (("authorization", f"Basic {TOKEN}"),),
        (("authorization", "Bearer "),),
        (("authorization", f"Bearer {TOKEN}x"),),
        (("authorization", f"Bearer {OTHER_TOKEN}"),),
        (("authorization", f"Bearer {OTHER_TOKEN}"), ("authorization", f"Bearer {TOKEN}")),
        (("token", f"Bearer {TOKEN}"),),
        (("authorization-bin", f"Bearer {TOKEN}".encode()),),
    ],
)
def test_without_a_known_token_every_method_is_shut(token_server, metadata):
    with token_server.channel() as channel:
        service = stub(channel)
        empty = [configuration(ocr_pb2.MODE_LINE), image("a", LINE)]
        calls = [
            lambda: service.GetServerInfo(ocr_pb2.GetServerInfoRequest(), metadata=metadata),
            lambda: service.Recognize(ocr_pb2.RecognizeRequest(image=ocr_pb2.Image(encoded=LINE)), metadata=metadata),
            lambda: list(service.RecognizeStream(iter(empty), metadata=metadata)),
            lambda: channel.unary_unary("/edgeocr.v1.OcrService/Unknown")(b"", metadata=metadata),
        ]
        texts = set()
        for call in calls:
            with pytest.raises(grpc.RpcError) as error:
                call()
            assert error.value.code() is grpc.StatusCode.UNAUTHENTICATED
            (detail,), info = from_call(error.value).details, error_details_pb2.ErrorInfo()
            assert detail.Unpack(info)
            assert (info.reason, info.domain) == ("UNAUTHENTICATED", "edgeocr")
            texts.add(error.value.details())
    (text,) = texts
    assert TOKEN not in text


def test_the_scheme_is_known_in_any_case(token_server):
    with token_server.channel() as channel:
        for scheme in ("bearer", "BEARER"):
            metadata = (("authorization", f"{scheme} {TOKEN}"),)
            assert stub(channel).GetServerInfo(ocr_pb2.GetServerInfoRequest(), metadata=metadata).version


def test_who_has_no_token_is_turned_away_before_sending_an_image(token_server):
    with token_server.channel() as channel:
        answers = stub(channel).RecognizeStream(iter(lambda: image("a", LINE), None))
        with pytest.raises(grpc.RpcError) as error:
            next(answers)
        assert error.value.code() is grpc.StatusCode.UNAUTHENTICATED
    assert token_server.metrics()["edgeocr_streams"] == 0


def test_health_stays_open_and_reflection_does_not(token_server):
    with token_server.channel() as channel:
        health = health_pb2_grpc.HealthStub(channel)
        request = health_pb2.HealthCheckRequest(service="edgeocr.v1.OcrService")
        assert health.Check(request).status == health_pb2.HealthCheckResponse.SERVING
        watching = health.Watch(request)
        assert next(watching).status == health_pb2.HealthCheckResponse.SERVING
        watching.cancel()
        listed = health.List(health_pb2.HealthListRequest()).statuses
        names = {"", "edgeocr.v1.OcrService", "inference.GRPCInferenceService"}
        assert {name: state.status for name, state in listed.items()} == dict.fromkeys(names, 1)
        with pytest.raises(grpc.RpcError) as error:
            ProtoReflectionDescriptorDatabase(channel).get_services()
        assert error.value.code() is grpc.StatusCode.UNAUTHENTICATED


def test_tokens_change_without_a_restart(weights, tmp_path):
    file = tmp_path / "tokens"
    file.write_text(TOKEN)
    with (
        ServerProcess("--tokens", str(file)) as server,
        Client(server.target, token=TOKEN) as old,
        Client(server.target, token=OTHER_TOKEN) as new,
    ):
        assert old.info().version
        assert refusal(new) is grpc.StatusCode.UNAUTHENTICATED
        file.write_text(OTHER_TOKEN)
        assert new.info().version
        assert refusal(old) is grpc.StatusCode.UNAUTHENTICATED
        file.write_text("no token")
        assert new.info().version
        eventually(lambda: any("line 1 is not a token" in row for row in server.log))
        assert any("is a secret that every user of this machine can read" in row for row in server.log)
        assert not any(TOKEN in row or OTHER_TOKEN in row for row in server.log)


def test_commands_take_the_token_from_a_file_or_the_environment(token_server, token_file, monkeypatch, capsys):
    target = ["--target", token_server.target]
    assert main(["info", *target]) == 3
    assert "UNAUTHENTICATED" in capsys.readouterr().err
    assert main(["info", *target, "--token-file", str(token_file)]) == 0
    assert main(["health", *target]) == 0
    monkeypatch.setenv("EDGEOCR_TOKEN", TOKEN)
    assert main(["info", *target]) == 0
    assert main(["read", *target, "--mode", "line", "docs/samples/line.png"]) == 0
    for streams in ("0", "1"):
        load = ["--mode", "line", "--streams", streams, "--warm-up", "0", "--requests", "2"]
        assert main(["bench", *target, *load, "docs/samples/line.png"]) == 0
    monkeypatch.setenv("EDGEOCR_TOKEN", OTHER_TOKEN)
    assert main(["info", *target]) == 3


def test_a_token_and_tls_go_together(weights, authority, folder, ca, token_file):
    flags = [*tls_flags(issue(authority, folder, "both", "127.0.0.1")), "--tokens", str(token_file)]
    with ServerProcess(*flags) as server:
        with Client(server.target, tls=Tls(ca=ca), token=TOKEN) as client:
            assert reads(client)
        with Client(server.target, tls=Tls(ca=ca)) as client:
            assert refusal(client) is grpc.StatusCode.UNAUTHENTICATED
        way_in = ["--target", server.target, "--tls-ca", str(ca), "--token-file", str(token_file)]
        load = ["--mode", "line", "--warm-up", "0", "--requests", "2", "docs/samples/line.png"]
        assert main(["bench", *way_in, *load]) == 0


def test_a_server_that_other_machines_reach_says_what_is_open(weights):
    with ServerProcess("--listen", "0.0.0.0:0") as server:
        warnings = [row for row in server.log if " WARNING " in row]
        assert len(warnings) == 2
        assert "tokens and tls_client_ca are off" in warnings[0]
        assert "tls_certificate is off" in warnings[1]
