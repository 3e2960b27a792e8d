"""Files of S3, through pyarrow."""

from pyarrow.fs import FileSystem

from edgeocr.url import FetchError


def read(url: str, most_bytes: int) -> bytes:
    """The file behind a URL of s3.

    Raises:
        FetchError: it cannot be read, or is too large.
    """
    try:
        system, path = FileSystem.from_uri(url)
        with system.open_input_file(path) as file:
            if file.size() > most_bytes:
                raise FetchError(f"{url}: has more than {most_bytes} bytes")
            content: bytes = file.read()
    except FetchError:
        raise
    except (OSError, ValueError) as error:
        raise FetchError(f"{url}: {error}") from error
    return content
