"""Faults of the client, and of what the server reports to it."""

from tests.checks.mutation.mutant import Mutant

_HOSTILE = ("tests/client/test_hostile_servers.py",)
_SYNC = ("tests/client/test_sync_client.py",)
_RETRY = ("tests/client/streaming/test_retry.py",)
_INFO = ("tests/server/grpc/test_info.py",)

_ROOT, _ROOT_TESTS = "client/mcp/root_folder.py", ("tests/client/mcp/test_root_folder.py",)
_URL_TESTS = ("tests/client/mcp/test_tools.py",)

MUTANTS = (
    Mutant(
        "reads for language models above the folder that is served",
        _ROOT,
        """ or ".." in parts or""",
        " or",
        _ROOT_TESTS,
    ),
    Mutant(
        "follows links for language models",
        _ROOT,
        " | os.O_NOFOLLOW",
        "",
        _ROOT_TESTS,
    ),
    Mutant(
        "waits for ever for a pipe below the folder that is served",
        _ROOT,
        """        if not stat.S_ISREG(status.st_mode):
                raise Refused(f"{path}: is not a file; list_files names those that can be read")
""".replace("        if", "            if", 1),
        "",
        _ROOT_TESTS,
    ),
    Mutant(
        "takes paths for language models that are no text",
        _ROOT,
        " or not _can_be_told(path)",
        "",
        _ROOT_TESTS,
    ),
    Mutant(
        "fetches from private hosts for language models",
        "client/mcp/tools.py",
        "Url(url, public_only=True)",
        "Url(url)",
        _URL_TESTS,
    ),
    Mutant(
        "fetches from private hosts on the command line",
        "client/cli/paths.py",
        "public_only = not private_urls and",
        "public_only = False and",
        ("tests/client/cli/test_read_into_folder.py",),
    ),
    Mutant(
        "takes a line with any number of corners from a server",
        "client/answers.py",
        '    _check(len(points) == _CORNERS, f"the number of corners of {whose}")\n',
        "",
        _HOSTILE,
    ),
    Mutant(
        "takes pages in any order from a server",
        "client/answers.py",
        '        _check(message.index > before[-1][0].index, "the order of pages")',
        "        pass",
        _HOSTILE,
    ),
    Mutant(
        "writes what a terminal obeys out of a line",
        "client/answers.py",
        "        text=printable(message.text),\n        confidence=message.confidence,\n        characters",
        "        text=message.text,\n        confidence=message.confidence,\n        characters",
        _HOSTILE,
    ),
    Mutant(
        "waits for ever for a call that a signal's handler has left",
        "client/loop_thread.py",
        "        except BaseException:",
        "        except KeyboardInterrupt:",
        _SYNC,
    ),
    Mutant(
        "comes back to a full server before it is asked to",
        "client/streaming/retry.py",
        "random.uniform(1.0, 1.5)",
        "random.uniform(0.5, 0.9)",
        _RETRY,
    ),
    Mutant(
        "waits for a hint of a lifetime",
        "client/streaming/retry.py",
        " or hint_seconds > MOST_HINT_SECONDS",
        "",
        _RETRY,
    ),
    Mutant(
        "publishes another limit than the one in force",
        "server/grpc/messages/info.py",
        "    known |= {limit.name: getattr(limits, limit.name) for limit in fields(limits)}\n",
        "",
        _INFO,
    ),
    Mutant(
        "forgets a limit that is a setting",
        "server/settings/config.py",
        "for limit in fields(Limits) if limit.name in settings}",
        'for limit in fields(Limits) if limit.name in settings and limit.name != "file_bytes"}',
        _INFO,
    ),
)
