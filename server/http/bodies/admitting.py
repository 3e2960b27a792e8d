"""Admits the images of a body to a session, each as soon as it is complete and there is a place for it."""

from contextlib import aclosing

from edgeocr.model.errors import Limit, TooLarge
from edgeocr.model.files.image import EncodedImage
from edgeocr.server.http.bodies.uploads import Images, UploadedFile
from edgeocr.server.http.options import Options
from edgeocr.server.scheduling.session import Session


async def admit_all(session: Session, images: Images, most_images: int, limit_name: str) -> None:
    """Admits images until the body ends; data that has not been read stays in the connection.

    Raises:
        EdgeOcrError: the body is invalid.
    """
    try:
        async with aclosing(images):
            async for arrival, options in images:
                if session.count >= most_images:
                    raise TooLarge(
                        f"image: the limit is {most_images} per request ({limit_name})",
                        Limit(limit_name, most_images, session.count + 1),
                    )
                await session.place()
                _admit(session, arrival, options)
    finally:
        session.end()


def _admit(session: Session, arrival: UploadedFile, options: Options) -> None:
    entry = session.enter(arrival.name)
    data, held = arrival.upload.hand_over()
    with session.refusing(entry, held):
        session.admit(
            entry,
            EncodedImage(data),
            options.job_options(),
            options.timeout,
            picture_side=options.picture_side if options.pictures else None,
            in_chunks=True,
            held=held,
        )
