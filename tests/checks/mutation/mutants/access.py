"""Who comes in, and what callers can make of it."""

from tests.checks.mutation.mutant import Mutant

_TOKENS, _POLICY = "server/access/tokens.py", "server/access/policy.py"
_ORIGINS, _HEADERS = "server/http/middleware/origins.py", "server/http/middleware/headers.py"
_TOKEN_TESTS = ("tests/server/access/test_tokens.py",)
_ORIGIN_TESTS = ("tests/server/http/middleware/test_origins.py",)
_HTTP_TOKEN_TEST = (
    "tests/end_to_end/access/test_http_access.py::"
    "test_tokens_guard_the_call_and_the_metrics_but_not_the_page_and_probes"
)
_ACCESS_TESTS = "tests/end_to_end/access/test_access.py"

MUTANTS = (
    Mutant("knows every token", _TOKENS, "        found = None\n", '        found = "anybody"\n', _TOKEN_TESTS),
    Mutant(
        "compares the first byte of a token's hash only",
        _TOKENS,
        "hmac.compare_digest(known, digest)",
        "hmac.compare_digest(known[:1], digest[:1])",
        _TOKEN_TESTS,
    ),
    Mutant(
        "compares tokens in a time that tells of them",
        _TOKENS,
        "hmac.compare_digest(known, digest)",
        "(known == digest)",
        _TOKEN_TESTS,
        unseen="only the time differs, which no test can tell from noise",
    ),
    Mutant(
        "takes what could be a token for a name, which is logged",
        _TOKENS,
        " and _TOKEN.fullmatch(word) is None",
        "",
        _TOKEN_TESTS,
    ),
    Mutant(
        "takes the first of several authorizations",
        _TOKENS,
        "if len(authorizations) != 1 or not",
        "if not authorizations or not",
        _TOKEN_TESTS,
    ),
    Mutant(
        "takes tokens of any scheme",
        _TOKENS,
        "    if given[: len(_SCHEME)].lower() != _SCHEME:\n        return None\n",
        "",
        _TOKEN_TESTS,
    ),
    Mutant(
        "describes itself to those without a token",
        "server/grpc/interceptors/auth.py",
        "PROBES = frozenset(\n    {\n",
        'PROBES = frozenset(\n    {\n        "/edgeocr.v1.OcrService/GetServerInfo",\n',
        (f"{_ACCESS_TESTS}::test_without_a_known_token_every_method_is_shut",),
    ),
    Mutant(
        "reflects to those without a token",
        "server/grpc/interceptors/auth.py",
        "if handler_call_details.method in PROBES or",
        'if "reflection" in handler_call_details.method or handler_call_details.method in PROBES or',
        (f"{_ACCESS_TESTS}::test_health_stays_open_and_reflection_does_not",),
    ),
    Mutant(
        "asks for a token before it tells its health",
        "server/grpc/interceptors/auth.py",
        "if handler_call_details.method in PROBES or",
        "if",
        (f"{_ACCESS_TESTS}::test_health_stays_open_and_reflection_does_not",),
    ),
    Mutant(
        "tells metrics over HTTP to those without a token",
        "server/http/routes.py",
        'GUARDED = ("/api/", _METRICS_PATH)',
        'GUARDED = ("/api/",)',
        (_HTTP_TOKEN_TEST,),
    ),
    Mutant(
        "reads over the inference protocol for those without a token",
        "server/http/inference/routes.py",
        'path.startswith(f"{ROOT}/")) and _PROBE',
        'path == f"{ROOT}/") and _PROBE',
        (_HTTP_TOKEN_TEST,),
    ),
    Mutant("answers by any name", _POLICY, "return name == LOCALHOST or", "return True or", _ORIGIN_TESTS),
    Mutant(
        "takes what stands before an @ for no part of a name",
        _POLICY,
        '    if "@" in authority:\n        return ""\n',
        "",
        ("tests/server/test_metrics_endpoint.py",),
    ),
    Mutant(
        "forgets the names that it was given",
        _POLICY,
        '        yield from config.http_hosts.lower().split(",")\n',
        "        return\n",
        ("tests/server/access/test_policy.py",),
    ),
    Mutant(
        "takes images from pages of any site",
        _ORIGINS,
        "        if site in _OWN_SITES or (site is None and origin is None):\n            return True\n",
        "        return True\n",
        _ORIGIN_TESTS,
    ),
    Mutant(
        "trusts a page that says nothing of its site but has another origin",
        _ORIGINS,
        "(site is None and authority == host)",
        "site is None",
        _ORIGIN_TESTS,
    ),
    Mutant(
        "lets its page run anybody's scripts",
        _HEADERS,
        "default-src 'none'; script-src 'self';",
        "default-src *; script-src *;",
        ("tests/server/http/middleware", "tests/server/http/test_page_files.py"),
    ),
    Mutant(
        "lets its page make markup of texts",
        _HEADERS,
        "\"require-trusted-types-for 'script'; trusted-types 'none'\"",
        '""',
        ("tests/server/http/middleware", "tests/server/http/test_page_files.py"),
    ),
    Mutant(
        "tells metrics by any name",
        "server/observing/metrics_endpoint.py",
        "if len(hosts) > 1 or not all(map(self._access.is_own_host, hosts)):",
        "if len(hosts) > 1:",
        ("tests/server/test_metrics_endpoint.py",),
    ),
    Mutant(
        "resumes sessions of an authority that was taken out",
        "server/http/tls.py",
        "        if found is not self._made_of:\n",
        "        if found is self:\n",
        ("tests/server/http/test_tls.py",),
    ),
    Mutant(
        "lets in clients without a certificate where one is asked for",
        "server/access/certificates.py",
        "context.verify_mode = ssl.CERT_REQUIRED",
        "context.verify_mode = ssl.CERT_OPTIONAL",
        ("tests/server/http/test_tls.py",),
    ),
    Mutant(
        "lets in gRPC clients without a certificate where one is asked for",
        "server/grpc/tls.py",
        "require_client_authentication=self._told.client_authorities is not None",
        "require_client_authentication=False",
        (f"{_ACCESS_TESTS}::test_mutual_tls_keeps_out_those_without_a_certificate_of_the_right_authority",),
    ),
    Mutant(
        "takes a certificate and another one's key",
        "server/access/certificates.py",
        "        context = _own_context(loaded)\n",
        "        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)\n",
        ("tests/server/access/test_certificates.py",),
    ),
    Mutant(
        "does not warn of listening on addresses of other machines",
        _POLICY,
        "    if address.startswith(PREFIX):\n        return True\n    host",
        "    return True\n    host",
        ("tests/server/access/test_policy.py",),
    ),
    Mutant(
        "makes a unix socket for everybody",
        "server/access/unix_socket.py",
        "    before = os.umask(0o777 & ~mode)",
        "    before = os.umask(0)",
        ("tests/end_to_end/access/test_unix_sockets.py",),
    ),
    Mutant(
        "takes the socket of a server that lives",
        "server/access/unix_socket.py",
        '    else:\n        raise StartError(f"listen: cannot listen on unix:{path}; another server listens there")\n',
        "    else:\n        path.unlink()\n",
        ("tests/end_to_end/access/test_unix_sockets.py",),
    ),
    Mutant(
        "looks at tokens and certificates at its start only",
        "server/access/watched_files.py",
        "if (stamps := self._look()) != self._stamps:",
        "if (stamps := self._look()) is None:",
        ("tests/server/access",),
    ),
    Mutant(
        "has no tokens once their file is damaged",
        "server/access/watched_files.py",
        '        except StartError as error:\n            _log.error("%s; the previous value stays in use", error)\n',
        '        except KeyError as error:\n            _log.error("%s", error)\n',
        ("tests/server/access",),
    ),
    Mutant(
        "has clients that send tokens in the clear",
        "client/connection/token.py",
        "    if not (encrypted or insecure or parse_target(target).on_this_machine):",
        "    if False:",
        ("tests/client/connection/test_token.py",),
    ),
)
