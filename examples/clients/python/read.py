"""Reads an image through stubs that protoc makes of the contract: read.py IMAGE."""

import os
import sys
from collections.abc import Iterator

import grpc
from google.rpc import error_details_pb2, status_pb2

from edgeocr.v1 import ocr_pb2, ocr_pb2_grpc


def reason(error: grpc.RpcError) -> str:
    """What a program may go by: the reason among the error's details."""
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            for detail in status_pb2.Status.FromString(value).details:
                info = error_details_pb2.ErrorInfo()
                if detail.Unpack(info):
                    return info.reason
    return ""


def stream(image: bytes) -> Iterator[ocr_pb2.RecognizeStreamRequest]:
    """The messages of a stream with one image."""
    yield ocr_pb2.RecognizeStreamRequest(config=ocr_pb2.StreamConfig())
    yield ocr_pb2.RecognizeStreamRequest(image=ocr_pb2.StreamImage(id="only", image=ocr_pb2.Image(encoded=image)))


def main() -> None:
    """Reads the image by a call, then over a stream."""
    with open(sys.argv[1], "rb") as file:
        image = file.read()
    # By default gRPC receives 4 MB; a document's answer may be larger.
    options = [("grpc.max_receive_message_length", -1)]
    with grpc.insecure_channel(os.environ.get("EDGEOCR_TARGET", "127.0.0.1:50051"), options) as channel:
        service = ocr_pb2_grpc.OcrServiceStub(channel)
        try:
            answer = service.Recognize(ocr_pb2.RecognizeRequest(image=ocr_pb2.Image(encoded=image)), timeout=60)
        except grpc.RpcError as error:
            sys.exit(f"{error.code().name} {reason(error)}: {error.details()}")
        print(answer.document.pages[0].text)
        for event in service.RecognizeStream(stream(image)):
            if event.HasField("line"):
                print(f"{event.line.line.confidence:.2f} {event.line.line.text}")


main()
