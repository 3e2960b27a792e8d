import argparse
from dataclasses import fields

import pytest

from edgeocr.model.recognition.rules.rule import DecodingRule
from edgeocr.server.settings.config import Config, ConfigError
from edgeocr.server.settings.config_sources import add_arguments, load, origins, toml
from edgeocr.server.settings.setting_values import Size, shown


def loaded(flags=(), environment=None):
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return load(parser.parse_args(list(flags)), environment or {})


def test_defaults_listen_on_loopback_only():
    config = loaded()
    assert (config.listen, config.metrics) == ("127.0.0.1:50051", "127.0.0.1:9464")


def test_a_flag_wins_over_the_environment_which_wins_over_the_file(tmp_path):
    file = tmp_path / "edgeocr.toml"
    file.write_text('workers = 2\nqueue_images = 5\nlog_level = "debug"\n')
    environment = {"EDGEOCR_CONFIG": str(file), "EDGEOCR_WORKERS": "3", "EDGEOCR_QUEUE_IMAGES": "6"}
    config = loaded(["--queue-images", "7"], environment)
    assert (config.workers, config.queue_images, config.log_level) == (3, 7, "debug")


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--workers", "many"], "--workers: 'many' is not a whole number"),
        (["--workers", "-1"], "workers: -1 must be from 0 to 1024"),
        (["--image-bytes", "1 MB"], "--image-bytes: '1 MB' is not a number of bytes, or of KiB, MiB or GiB"),
        (["--memory-budget", "0"], "memory_budget: 0 must be from 1"),
        (["--image-bytes", "1100000000"], "must be from 1 to 1000000000"),
        (["--drain-seconds", "nan"], "drain_seconds: nan must be from 0 to 3600"),
        (["--listen", "50051"], "listen: '50051' must be HOST:PORT or unix:PATH"),
        (["--metrics", "unix:/x"], "metrics: 'unix:/x' must be HOST:PORT, or off"),
        (["--http", "unix:/x"], "http: 'unix:/x' must be HOST:PORT, or off"),
        (["--http-hosts", "ocr.example:80"], "http_hosts: 'ocr.example:80' must be names of hosts"),
        (["--http-hosts", "a,,b"], "http_hosts: 'a,,b' must be"),
        (
            ["--otlp-endpoint", "http://a:1"],
            "otlp_endpoint: 'http://a:1' must be HOST:PORT or https://HOST:PORT, or off",
        ),
        (["--log-format", "xml"], "must be one of text, json"),
        (["--socket-mode", "0o660"], "socket_mode: '0o660' must be three octal digits"),
        (["--tls-certificate", "/c"], "tls_certificate and tls_key: one needs the other"),
        (["--tls-key", "/k"], "tls_certificate and tls_key: one needs the other"),
        (["--tls-client-ca", "/a"], "tls_client_ca: needs tls_certificate"),
        (["--config", "/nonexistent.toml"], "/nonexistent.toml: cannot be read"),
    ],
)
def test_a_wrong_setting_is_named(flags, words):
    with pytest.raises(ConfigError) as error:
        loaded(flags)
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("worker = 3", "unknown setting worker"),
        ("workers = true", "not a whole number"),
        ("workers = 1.9", "not a whole"),
        ("workers = inf", "not a whole"),
        ("= 3", "is not TOML"),
    ],
)
def test_a_wrong_file_is_named(tmp_path, text, words):
    file = tmp_path / "edgeocr.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=words):
        loaded(["--config", str(file)])


@pytest.mark.parametrize(
    ("text", "size_bytes"), [("314572800", 314572800), ("300MiB", 314572800), ("2 GiB", 2 << 30), ("64KiB", 65536)]
)
def test_sizes_may_have_units(tmp_path, text, size_bytes):
    file = tmp_path / "edgeocr.toml"
    file.write_text(f'memory_budget = "{text}"')
    assert loaded(["--config", str(file)]).memory_budget == size_bytes
    assert loaded(["--memory-budget", text]).memory_budget == size_bytes


def test_every_setting_can_be_set_by_its_own_flag():
    examples = {int: "9", Size: "9", float: "2.5"}
    texts = {
        "listen": "unix:/a",
        "metrics": "off",
        "http": "a:2",
        "http_hosts": "ocr.example,ocr",
        "cors_origins": "https://app.example,http://localhost:3000",
        "media_types": "image/png,application/pdf",
        "socket_mode": "660",
        "trusted_proxies": "10.0.0.0/8,192.0.2.1",
        "otlp_endpoint": "https://a:1",
        "access_log": "stderr",
        "access_log_share": "0.5",
        "log_level": "error",
        "log_format": "json",
        "memory_budget": "auto",
        "least_confidence": "0.25",
        "decoding_rules": "plates,gaps",
        "reading": "accurate",
    }
    companions = {
        "tls_certificate": ["--tls-key", "/key"],
        "tls_key": ["--tls-certificate", "/certificate"],
        "tls_client_ca": ["--tls-certificate", "/certificate", "--tls-key", "/key"],
    }
    for setting in fields(Config):
        text = texts.get(setting.name) or examples.get(setting.metadata["kind"], "/a/file")
        flags = ["--" + setting.name.replace("_", "-"), text, *companions.get(setting.name, [])]
        value = getattr(loaded(flags), setting.name)
        assert shown(value) == text
        kind = str if setting.name == "reading" else setting.metadata["kind"]
        assert value is None or isinstance(value, kind)


def test_what_images_may_be_is_what_the_settings_say():
    limits = loaded(["--image-bytes", "5", "--file-bytes", "6", "--image-pixels", "7", "--document-pages", "8"]).limits
    assert (limits.image_bytes, limits.file_bytes, limits.image_pixels, limits.document_pages) == (5, 6, 7, 8)
    assert str(limits.file_bytes) == "6"


@pytest.mark.parametrize(
    ("variable", "words"),
    [
        ("EDGEOCR_QUEU_IMAGES", "EDGEOCR_QUEU_IMAGES: is not a setting; is EDGEOCR_QUEUE_IMAGES meant?"),
        ("EDGEOCR_TOKEN_FILES", "is not a setting"),
        ("EDGEOCR_XYZZY", "EDGEOCR_XYZZY: is not a setting"),
    ],
)
def test_a_variable_that_is_no_setting_is_named_with_what_is_near(variable, words):
    with pytest.raises(ConfigError) as error:
        loaded(environment={variable: "5"})
    assert words in str(error.value)


@pytest.mark.parametrize(
    "variable",
    [
        *("EDGEOCR_TARGET", "EDGEOCR_TOKEN", "EDGEOCR_TOKEN_FILE", "EDGEOCR_CLIENT_TLS_NAME", "PATH"),
        # What Kubernetes sets for Services.
        *("EDGEOCR_SERVICE_HOST", "EDGEOCR_SERVICE_PORT", "EDGEOCR_SERVICE_PORT_GRPC", "EDGEOCR_HTTP_PORT"),
        *("EDGEOCR_PORT", "EDGEOCR_PORT_50051_TCP", "EDGEOCR_HTTP_PORT_80_TCP_ADDR", "EDGEOCR_HTTP_SERVICE_HOST"),
    ],
)
def test_variables_of_clients_and_of_kubernetes_are_no_settings_and_no_errors(variable):
    assert loaded(environment={variable: "tcp://10.0.0.1:80"}) == Config()


def test_an_empty_value_is_not_taken_for_anything(tmp_path):
    for flags, environment in (([], {"EDGEOCR_TOKENS": ""}), (["--tokens", ""], {})):
        with pytest.raises(ConfigError, match=r"tokens: is empty|TOKENS: is empty"):
            loaded(flags, environment)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("512Mi", 512 << 20),
        ("512MiB", 512 << 20),
        ("300M", 300_000_000),
        ("2Gi", 2 << 30),
        ("7k", 7000),
        ("3 Ki", 3072),
    ],
)
def test_sizes_may_be_written_as_kubernetes_does(text, size):
    assert loaded(["--spool-bytes", text]).spool_bytes == size


def test_printed_settings_say_where_they_come_from_and_can_be_loaded_again(tmp_path):
    file = tmp_path / "edgeocr.toml"
    file.write_text('workers = 2\nlisten = "unix:/a \\"b\\" 中"\n')
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    arguments = parser.parse_args(["--config", str(file), "--memory-budget", "512Mi"])
    environment = {"EDGEOCR_QUEUE_IMAGES": "6"}
    config = load(arguments, environment)
    printed = "\n".join(toml(config, origins(arguments, environment)))
    assert f"workers = 2  # {file}" in printed
    assert 'memory_budget = "512MiB"  # --memory-budget' in printed
    assert "queue_images = 6  # EDGEOCR_QUEUE_IMAGES" in printed
    assert 'metrics = "127.0.0.1:9464"  # default' in printed
    again = tmp_path / "again.toml"
    again.write_text(printed)
    assert loaded(["--config", str(again)]) == config


@pytest.mark.parametrize(
    ("named", "rules"),
    [("all", set(DecodingRule)), ("off", set()), ("gaps,boxes", {DecodingRule.GAPS, DecodingRule.BOXES})],
)
def test_decoding_rules_are_those_that_are_named(named, rules):
    assert loaded(["--decoding-rules", named]).reader_settings.rules == rules


def test_a_decoding_rule_that_is_none_is_refused():
    with pytest.raises(ConfigError, match="some of marks,plates"):
        loaded(["--decoding-rules", "gaps,spelling"])
