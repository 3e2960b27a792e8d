"""docs/errors.md: every error that callers see, from the classes that declare them, and what to do about each."""

import inspect
from collections.abc import Iterator
from types import ModuleType

from edgeocr.model import errors as reading
from edgeocr.model.errors import Code, EdgeOcrError
from edgeocr.server import errors as serving
from edgeocr.server.http.answers.problems import status_of

_HEAD = """# Errors

An error's text names the field, the limit that was met, and what the image would take. For programs there are a code,
over gRPC as the call's or the image's status and over HTTP as `code`, and for lack of room a reason
(`google.rpc.ErrorInfo`, over HTTP `reason`). Where asking again may help, the error says when (`google.rpc.RetryInfo`,
`retry_seconds`, `Retry-After`); this project's client waits and retries automatically. This page is made of the
errors' declarations by `make reference`.

| code | HTTP | reason | what happened | what to do |
| --- | --- | --- | --- | --- |"""
_TAIL = """
Whatever else goes wrong inside is `INTERNAL` with a fixed text; the server's log has its cause.

Where no server answers, the command line says `no answer from the server`: nothing listens at the target.
[Questions](questions.md) has what is asked most."""
_REMEDIES = {
    reading.InvalidInput: "look at the field that the text names; save a damaged file again with what made it",
    reading.UnknownFormat: "send one of the [formats](documents.md) that are read",
    reading.Locked: "send its password: `--password-file`, `DocumentChoice(password=…)`, `password` in a form",
    reading.TooLarge: "make the image smaller, or raise the limit that is named; `edgeocr info` prints all of them",
    reading.OutOfMemory: "ask again; where it comes often, lower `--memory-budget`, or give the machine more",
    reading.BadModel: "reinstall, or name the folder of weights that belong to this version (`--models`)",
    serving.QueueFull: "ask again when the error says; where it comes often, [add servers](scaling.md)",
    serving.ShareFull: "have fewer images, streams or uploads at a time; others get their share meanwhile",
    serving.QueueTimeout: "ask again; `--queue-seconds` sets how long an image may wait",
    serving.MemoryFull: "ask again; a larger `--memory-budget` reads more large images at a time",
    serving.SpoolFull: "ask again; make room in `--spool-dir`, or raise `--spool-bytes`",
    serving.Draining: "send it to another server, or again once this one is back; the client does",
    serving.Unauthenticated: "send a token: `--token-file`, `token=`, `Authorization: Bearer …`",
    serving.DeadlineExceeded: "give more time, or ask for the lines that were read by then (`--partial`)",
    serving.Cancelled: "nothing: the caller went away",
    serving.TooCostly: "raise `--memory-budget`, or save the file again: it asks for far more than its size",
    serving.TooSlow: "save the file again, or raise `--decode-seconds`",
    serving.BeyondMemory: "raise `--memory-budget`, or send a JPEG, which is read at a fraction of its size",
    serving.CallsFull: "have fewer calls open at a time; one stream takes any number of images",
    serving.StreamEnded: "open a new stream, and send the images again that have no answer; the client does",
    serving.UnknownModel: "call the model `edgeocr`, version 1",
    serving.UnknownMethod: "ask the server's reflection, or the [contract](contract.md), which methods there are",
    serving.MetadataTooLarge: "send less metadata with the call; tokens are what it mostly is",
    serving.UnsupportedMedia: "send a form, JSON, or the file itself with its media type",
    serving.SlowUpload: "send faster, or raise `--upload-seconds`",
}


def page() -> str:
    """The page as it should be; every error has its remedy, or this fails."""
    return "\n".join([_HEAD, *_rows(), _TAIL]) + "\n"


def _rows() -> Iterator[str]:
    order = list(Code)
    declared = {*_declared(reading), *_declared(serving)}
    for kind in sorted(declared, key=lambda kind: (order.index(kind.code), kind.__name__)):
        status = int(status_of(kind.__new__(kind)))
        reason = f"`{kind.reason}`" if kind.reason else ""
        what = " ".join((inspect.getdoc(kind) or "").split("\n\n")[0].split())
        yield f"| `{kind.code}` | {status} | {reason} | {what} | {_REMEDIES[kind]} |"


def _declared(module: ModuleType) -> Iterator[type[EdgeOcrError]]:
    for value in vars(module).values():
        if inspect.isclass(value) and issubclass(value, EdgeOcrError) and value is not EdgeOcrError:
            yield value
