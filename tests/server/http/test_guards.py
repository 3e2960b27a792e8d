"""What every answer tells browsers."""

import pytest


@pytest.mark.parametrize("path", ["/", "/page/index.html", "/healthz", "/nowhere"])
async def test_browsers_are_told_to_load_and_run_nothing_from_elsewhere(client, path):
    headers = (await client.get(path)).headers
    policy = dict(part.strip().partition(" ")[::2] for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert {policy[kind] for kind in ("script-src", "style-src", "connect-src")} == {"'self'"}
    assert policy["img-src"] == "'self' blob:"
    assert policy["frame-ancestors"] == "'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
