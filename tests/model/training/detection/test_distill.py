from dataclasses import replace

import pytest
import torch

from edgeocr.model.training.detection import crops, distill
from edgeocr.model.training.detection import neck as necks
from edgeocr.model.training.detection.distill import Trainer, distilled, schedule
from edgeocr.model.training.detection.forward import weights_of
from edgeocr.model.training.detection.losses import losses
from edgeocr.model.training.detection.plan import Plan
from edgeocr.model.training.distillation.recipe import Recipe
from tests.model.training.detection.conftest import pixels


@pytest.fixture
def plan(necked, tmp_path, monkeypatch, few_points):
    """A plan whose crops have been made, of a small network."""
    monkeypatch.setattr(distill.published, "load", lambda _: necked)
    monkeypatch.setattr(distill, "_WARM_UP_STEPS", 2)
    plan = Plan(Recipe(tmp_path), inner=4, outputs=2, shards=4, steps=30, rate=0.02)
    plan.crops_dir.mkdir(parents=True)
    for number, path in enumerate(crops.paths(plan)):
        crops.write(path, [crops.see(necks.read(necked), pixels(12, seed=number))])
    monkeypatch.setattr(crops, "make", lambda plan, producers: None)
    return plan


def values(trainer):
    return [value.detach().clone() for pair in trainer.weights.values() for value in pair]


def test_the_published_neck_has_no_loss(necked, plan):
    neck = necks.read(necked)
    batch = crops.read(crops.paths(plan)[0])
    head, divergence, differing = losses(neck, weights_of(neck.layers), batch).numbers()
    assert head < 1e-4  # what half precision leaves
    assert divergence == pytest.approx(0, abs=1e-4)
    assert differing < 0.01


def test_training_brings_the_neck_closer_to_the_published_one(necked, plan):
    neck = necks.read(necked)
    unseen = crops.read(crops.paths(plan)[0])
    begun, *_ = losses(neck, Trainer(plan, neck).weights, unseen).numbers()
    told = []
    weights = distilled(plan, report=told.append)
    assert losses(neck, weights, unseen).numbers()[0] < 0.85 * begun
    assert told[-1].startswith("neck: step 30 of 30, head ")
    assert "; unseen head " in told[-1]


def test_resumed_training_continues_identically(necked, plan):
    neck = necks.read(necked)
    whole = Trainer(plan, neck)
    whole.one_round()
    whole.save()
    resumed = Trainer(plan, neck)
    for trainer in (whole, resumed):
        for _ in range(4):  # into the second epoch
            trainer.one_round()
    assert resumed.step == whole.step == 15
    assert all(torch.equal(a, b) for a, b in zip(values(whole), values(resumed), strict=True))


def test_training_ends_at_the_last_step_within_a_shard(necked, plan):
    trainer = Trainer(replace(plan, steps=4), necks.read(necked))
    assert [len(trainer.one_round()) for _ in range(3)] == [3, 1, 0]


def test_the_first_shard_is_never_trained_on(necked, plan, monkeypatch):
    read, seen = crops.read, []
    monkeypatch.setattr(crops, "read", lambda path: seen.append(path) or read(path))
    trainer = Trainer(plan, necks.read(necked))
    for _ in range(6):
        trainer.one_round()
    first, *others = crops.paths(plan)
    assert first not in seen
    assert all(seen.count(path) >= 2 for path in others)
    trainer.validate()
    assert seen[-1] == first


def test_a_trained_neck_is_not_trained_again(plan, monkeypatch):
    weights = distilled(plan)
    monkeypatch.delattr(distill, "Trainer")
    again = distilled(plan)
    assert all(torch.equal(a, b) for name in again for a, b in zip(again[name], weights[name], strict=True))


def test_rate_warms_up_and_nearly_ends_at_zero(monkeypatch):
    assert schedule(0, 1000) == 0
    assert schedule(distill._WARM_UP_STEPS, 1000) > 0.95
    assert 0 < schedule(1000, 1000) < 0.02
