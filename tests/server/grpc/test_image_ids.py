import pytest

from edgeocr.model.errors import InvalidInput
from edgeocr.server.grpc.image_ids import IMAGE_ID_BYTES, REMEMBERED_IMAGE_IDS, ImageIds


def test_an_id_may_come_again_once_it_is_forgotten_and_not_before():
    ids = ImageIds()
    for number in range(REMEMBERED_IMAGE_IDS):
        ids.add(str(number))
    for number in (0, REMEMBERED_IMAGE_IDS - 1):
        with pytest.raises(InvalidInput, match="was used before in this stream"):
            ids.add(str(number))
    ids.add("one more")
    ids.add("0")
    with pytest.raises(InvalidInput):
        ids.add("2")


@pytest.mark.parametrize("image_id", ["", "x" * (IMAGE_ID_BYTES + 1), "é" * (IMAGE_ID_BYTES // 2 + 1)])
def test_an_id_has_a_length_in_bytes(image_id):
    with pytest.raises(InvalidInput, match=r"image.id: must have 1 to 128 bytes"):
        ImageIds().add(image_id)
    ImageIds().add("é" * (IMAGE_ID_BYTES // 2))
