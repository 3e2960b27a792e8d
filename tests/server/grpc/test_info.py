"""GetServerInfo: what is set is what is said."""

from dataclasses import fields, replace

import pytest

from edgeocr.client.cli.info.command import describe
from edgeocr.model.limits import Limits
from edgeocr.model.networks.manifest import load_manifest
from edgeocr.model.options import Reading
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from edgeocr.server.grpc.messages.info import info_message, limits_text
from edgeocr.server.memory.budget import Budget
from edgeocr.server.settings.config import Config
from tests.support.weights import with_fast_recogniser, without_fast_recogniser

NAMES = list(ocr_pb2.Limits.DESCRIPTOR.fields_by_name)
SETTINGS = [setting.name for setting in fields(Config) if setting.name in NAMES]
MAY_BE_LESS = [limit.name for limit in fields(Limits) if limit.name in NAMES]


def limits_of(models, config, limits=None):
    budget = Budget(300 << 20, spool_bytes=config.spool_bytes)
    return info_message(models.manifest, config, limits or config.limits, budget, version="1", workers=2)


@pytest.mark.parametrize("name", SETTINGS)
def test_every_limit_that_is_set_is_said(models, name):
    default = getattr(Config(), name)
    config = replace(Config(), **{name: type(default)(7)})

    info = limits_of(models, config)

    assert getattr(info.limits, name) == 7
    assert describe(info)["limits"][name] == 7
    assert f"{name} 7" in limits_text(info)


@pytest.mark.parametrize("name", MAY_BE_LESS)
def test_what_the_budget_allows_of_it_is_said(models, name):
    info = limits_of(models, Config(), replace(Limits(), **{name: 5}))

    assert getattr(info.limits, name) == 5


def test_every_limit_of_an_image_that_is_a_setting_is_in_force():
    settings = {setting.name for setting in fields(Config)}
    for limit in fields(Limits):
        if limit.name in settings - {"media_types"}:
            assert getattr(replace(Config(), **{limit.name: 7}).limits, limit.name) == 7


def test_all_limits_have_a_value(models):
    description = describe(limits_of(models, Config()))
    assert list(description["limits"]) == NAMES
    assert [name for name, value in description["limits"].items() if not value] == ["queue_seconds"]


@pytest.mark.parametrize("reading", Reading)
def test_what_it_reads_with_by_default_comes_first(tmp_path, reading):
    manifest = load_manifest(with_fast_recogniser(tmp_path / "weights"))
    info = info_message(manifest, Config(reading=reading), Limits(), Budget(300 << 20), version="1", workers=2)
    described = describe(info)
    assert described["readings"][0] == reading.value
    assert sorted(described["readings"]) == sorted(Reading)
    assert [model["reader"] for model in described["models"]] == [
        "unspecified",
        *("accurate", "accurate", "fast", "fast"),
    ]


def test_a_server_without_a_fast_recogniser_does_not_offer_it(tmp_path):
    manifest = load_manifest(without_fast_recogniser(tmp_path / "weights"))
    info = info_message(manifest, Config(), Limits(), Budget(300 << 20), version="1", workers=2)
    assert describe(info)["readings"] == ["adaptive", "accurate"]
    assert len(info.models) == 3
