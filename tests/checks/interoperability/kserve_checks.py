"""What a program with the SDK of KServe may expect of it as it is: `kserve_checks.py TARGET URL FOLDER`; in the same
environment is edgeocr's own client."""

import asyncio
import base64
import sys
from pathlib import Path

import numpy as np
from kserve import InferenceGRPCClient, InferenceRESTClient, InferInput, InferRequest
from kserve.inference_client import RESTConfig

from edgeocr.client import Client


def request(data, **options):
    tensor = InferInput(name="image", shape=[1], datatype="BYTES")
    tensor.set_data_from_numpy(np.array([data], dtype=np.object_), **options)
    return InferRequest(model_name="edgeocr", infer_inputs=[tensor])


def text(response):
    found = response.outputs[0].as_numpy()[0]
    return (found.decode() if isinstance(found, bytes) else found).replace(" ", "")


async def check(target, url, page):
    over_grpc = InferenceGRPCClient(target)
    assert await over_grpc.is_server_ready()
    assert await over_grpc.is_model_ready("edgeocr")
    answers = [text(await over_grpc.infer(request(page)))]
    over_http = InferenceRESTClient(RESTConfig(protocol="v2"))
    assert await over_http.is_server_live(url)
    assert await over_http.is_server_ready(url)
    assert await over_http.is_model_ready(url, "edgeocr")
    for asked in (request(page), request(base64.b64encode(page), binary_data=False)):
        answers.append(text(await over_http.infer(url, asked, model_name="edgeocr")))
    with Client(target) as client:
        answers.append(client.read(page).text.replace(" ", ""))
    assert answers == ["Firstline\nSecondline"] * 4, answers


def main():
    target, url, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    asyncio.run(check(target, url, (folder / "page.png").read_bytes()))
    print("kserve: all well, over gRPC and HTTP, beside edgeocr's client")


if __name__ == "__main__":
    main()
