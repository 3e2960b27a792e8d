"""Checks what settings refer to, without starting anything."""

import logging
from importlib.metadata import version

from edgeocr.model.networks.manifest import load_manifest
from edgeocr.server.access.policy import exposures, make_access_policy
from edgeocr.server.extras import load_web
from edgeocr.server.memory.spool import open_spool
from edgeocr.server.settings.config import Config
from edgeocr.server.tracing.tracer import make_tracing

_log = logging.getLogger(__name__)


def check(config: Config) -> None:
    """Checks files of certificates, tokens and weights, folders, and extras that settings refer to.

    Raises:
        BadModel: the weights are missing or altered.
        StartError: something else is missing or invalid.
    """
    make_access_policy(config)
    for exposure in exposures(config):
        _log.warning("%s", exposure)
    load_web(config)
    make_tracing(config.otlp_endpoint, version("edgeocr")).close()
    if config.spool_dir is not None:
        spool = open_spool(config.spool_dir, config.spool_bytes, config.spool_from_bytes)
        if spool is not None:
            spool.close()
    load_manifest(config.models)
