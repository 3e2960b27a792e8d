"""An S3 server on loopback (moto's), with the files of a folder, that tells how often each was fetched."""

import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Self

from pyarrow.fs import FileSelector, FileType, S3FileSystem

_START_SECONDS = 30
_RUNNING = re.compile(r"Running on http://127\.0\.0\.1:(\d+)")


class S3Server:
    """Runs while its block does.

    Attributes:
        environment: variables by which programs find it.
    """

    def __init__(self, folder: Path, bucket: str) -> None:
        self._folder, self._bucket = folder, bucket
        self._log = folder.parent / "s3.log"

    def __enter__(self) -> Self:
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", "0"], stdout=log, stderr=log
            )
        port = self._port()
        self.environment = {
            "AWS_ACCESS_KEY_ID": "nobody",
            "AWS_SECRET_ACCESS_KEY": "nothing",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        self._files = S3FileSystem(
            access_key="nobody",
            secret_key="nothing",
            region="us-east-1",
            endpoint_override=f"127.0.0.1:{port}",
            scheme="http",
            allow_bucket_creation=True,
        )
        for bucket in (self._bucket, "results"):
            self._files.create_dir(bucket)
        for path in self._folder.rglob("*.png"):
            with self._files.open_output_stream(f"{self._bucket}/{path.relative_to(self._folder)}") as file:
                file.write(path.read_bytes())
        return self

    def __exit__(self, *exception: object) -> None:
        self._process.terminate()
        self._process.wait(30)

    def _port(self) -> int:
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end:
            if found := _RUNNING.search(self._log.read_text()):
                return int(found[1])
            time.sleep(0.1)
        raise AssertionError("the S3 server did not start: " + self._log.read_text())

    def fetched(self, bucket: str) -> Counter[str]:
        """How often each object was fetched."""
        return Counter(re.findall(rf"GET /{bucket}/(\S+) HTTP", self._log.read_text()))

    def download(self, bucket: str, folder: str, to: Path) -> None:
        """Copies the objects below a folder that no hidden name has."""
        to.mkdir()
        for file in self._files.get_file_info(FileSelector(f"{bucket}/{folder}")):
            if file.type is FileType.File and not file.base_name.startswith("."):
                with self._files.open_input_stream(file.path) as stream:
                    (to / file.base_name).write_bytes(stream.read())
