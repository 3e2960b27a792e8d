import numpy as np
import pytest
import torch

from edgeocr.model.training.detection import crops
from edgeocr.model.training.detection.neck import read
from edgeocr.model.training.detection.pages import PageMaker
from edgeocr.model.training.detection.plan import Plan
from edgeocr.model.training.distillation.recipe import Recipe
from tests.model.training.detection import conftest

necked = conftest.necked


@pytest.fixture
def plan(tmp_path, maker, necked, monkeypatch):
    monkeypatch.setattr(crops, "_tools", lambda plan: (PageMaker(maker, plan.recipe.seed), read(necked)))
    plan = Plan(Recipe(tmp_path, seed=4), shards=2, shard_pages=2, page_crops=3)
    plan.crops_dir.mkdir(parents=True)
    return plan


def test_same_seed_and_page_give_the_same_crops(maker):
    one, again = (crops.cut(PageMaker(maker, 4), 4, 1, 3) for _ in range(2))
    assert one.shape == (3, crops.SIDE_PIXELS, crops.SIDE_PIXELS, 3)
    assert (one == again).all()
    assert (crops.cut(PageMaker(maker, 4), 4, 2, 3) != one).any()
    assert (crops.cut(PageMaker(maker, 5), 5, 1, 3) != one).any()


def test_crops_of_a_page_show_different_places(maker):
    first, second = crops.cut(PageMaker(maker, 4), 4, 0, 2)
    assert (first != second).any()


def test_small_pages_are_continued_to_the_size_of_a_crop():
    image = conftest.pixels(1, 64)[0]
    whole = crops._large_enough(image)
    assert whole.shape == (crops.SIDE_PIXELS, crops.SIDE_PIXELS, 3)
    assert (whole[:64, :64] == image).all()
    assert (whole[-1, -1] == image[-1, -1]).all()


def test_shards_hold_what_the_network_makes_of_their_pages(plan, maker, necked):
    crops._make(plan, 1)
    first, second = crops.paths(plan)
    shard = crops.read(second)
    assert not first.exists()
    assert len(shard) == 6
    pixels = crops.cut(PageMaker(maker, 4), 4, 3, 3)  # the last page of the second shard
    seen = crops.see(read(necked), pixels)
    assert shard.taken.keys() == seen.taken.keys() == {"coarse", "middle", "fine"}
    for name, value in {"head": seen.head, **seen.taken}.items():
        kept = (shard.head if name == "head" else shard.taken[name])[3:]
        torch.testing.assert_close(kept, value, atol=1e-3, rtol=1e-3)


def test_the_same_seed_gives_the_same_shards_in_any_order(plan):
    paths = crops.paths(plan)
    for number in (1, 0):
        crops._make(plan, number)
    kept = [path.read_bytes() for path in paths]
    for number in (0, 1):
        paths[number].unlink()
        crops._make(plan, number)
    assert [path.read_bytes() for path in paths] == kept


def test_shards_that_exist_are_not_made_again(plan):
    for path in crops.paths(plan):
        path.write_bytes(b"kept")
    crops.make(plan, producers=2)
    assert [path.read_bytes() for path in crops.paths(plan)] == [b"kept", b"kept"]


def test_a_producer_that_fails_ends_the_making(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"charset\.txt"):
        crops.make(Plan(Recipe(tmp_path), shards=3), producers=1)


def test_some_rows_of_crops_are_crops(necked):
    shard = crops.see(read(necked), conftest.pixels(5))
    some = shard[np.array([4, 1])]
    assert len(some) == 2
    assert torch.equal(some.head[0], shard.head[4])
    assert all(torch.equal(some.taken[name][1], shard.taken[name][1]) for name in shard.taken)
