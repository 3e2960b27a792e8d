from dataclasses import replace
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest
import torch

from edgeocr.model.training.data import charset as charsets
from edgeocr.model.training.data.lines import Line
from edgeocr.model.training.distillation import begin, distill
from edgeocr.model.training.distillation.features import Sample, TurnedLines, read_shard, write_shard
from edgeocr.model.training.distillation.recipe import Recipe
from edgeocr.model.training.export import export_floats
from edgeocr.model.training.networks import tensors
from edgeocr.model.training.networks.backbone import SMALL
from edgeocr.model.training.networks.crnn import from_teacher, mean
from edgeocr.model.training.networks.losses import Vocabulary, Weights
from edgeocr.model.training.networks.teacher import WIDTH, Attention, Teacher

CHARACTERS = [*map(chr, range(0x41, 0x5B)), " "]


def _samples(count: int, seed: int) -> list[Sample]:
    rng = np.random.default_rng(seed)
    return [
        Sample(
            rng.normal(0, 1, (SMALL.features, 40)).astype(np.float16),
            rng.normal(0, 1, (40, WIDTH)).astype(np.float16),
            rng.integers(1, 20, int(rng.integers(1, 9))).astype(np.int32),
            "english",
        )
        for _ in range(count)
    ]


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recipe:
    torch.manual_seed(0)
    teacher = Teacher(len(CHARACTERS) + 1, "gelu").eval()
    monkeypatch.setattr(begin, "load_teacher", lambda *_: (teacher, CHARACTERS))
    recipe = Recipe(tmp_path, steps=8, batch_steps=400, hidden=8, negatives=5, rate=1e-2)
    charsets.write(recipe.charset_path, CHARACTERS)
    recipe.features_dir.mkdir()
    for number in range(3):
        write_shard(recipe.features_dir / f"{number:05d}.npz", _samples(10, number))
    return recipe


def _state(trainer: distill.Trainer) -> list[torch.Tensor]:
    return [p.detach().clone() for p in (*trainer.student.neck.parameters(), *trainer.average.parameters())]


def test_resumed_training_continues_identically(recipe: Recipe) -> None:
    whole = distill.Trainer(recipe)
    whole.one_round(Weights())
    whole.save()
    whole.one_round(Weights())
    resumed = distill.Trainer(recipe)
    resumed.one_round(Weights())
    assert resumed.step == whole.step
    assert all(torch.equal(a, b) for a, b in zip(_state(whole), _state(resumed), strict=True))


def test_training_moves_the_neck_towards_the_teacher(recipe: Recipe) -> None:
    trainer = distill.run(recipe, Weights(truth=0.0), validate_every=1)
    entries = (recipe.run_dir / "log.jsonl").read_text("utf-8").splitlines()
    assert trainer.step == recipe.steps
    assert len(entries) >= 2
    assert "validation" in entries[-1]


def test_waiting_for_shards_ends_when_no_more_will_come(recipe: Recipe) -> None:
    for path in sorted(recipe.features_dir.glob("*.npz"))[1:]:
        path.unlink()
    calls = iter([True, True, False])

    def check() -> None:
        if not next(calls):
            raise RuntimeError("no more shards")

    with pytest.raises(RuntimeError, match="no more shards"):
        distill.run(recipe, Weights(), check=check)
    assert not list(calls)


def test_a_second_run_goes_on_from_the_first_with_lines_and_checkpoints_of_its_own(recipe: Recipe) -> None:
    first = distill.averaged(distill.run(recipe, Weights()))
    later = replace(recipe, later_steps=4).later()
    later.features_dir.mkdir()
    for number in range(2):
        write_shard(later.features_dir / f"{number:05d}.npz", _samples(10, 7 + number))
    begun = distill.Trainer(later, first)
    assert all(torch.equal(a, b) for a, b in zip(begun.student.parameters(), first.parameters(), strict=True))
    last = distill.averaged(distill.run(later, Weights(), begun=first))
    assert (later.run_dir / "checkpoint.pt").exists()
    assert later.seed != recipe.seed
    between = mean(first, last, 0.25)
    for one, other, found in zip(first.parameters(), last.parameters(), between.parameters(), strict=True):
        torch.testing.assert_close(found, 0.75 * one + 0.25 * other)


def test_turned_lines_are_labelled_with_the_teachers_reading() -> None:
    torch.manual_seed(0)
    teacher = Teacher(len(CHARACTERS) + 1).eval()
    turned = TurnedLines(1.0, teacher, CHARACTERS, ["C", "A"])
    image = np.arange(48 * 96 * 3, dtype=np.uint8).reshape(48, 96, 3)
    line = Line(image, "AC", "scene", "face")
    found = turned.turned(line, np.random.default_rng(0))
    assert np.array_equal(found.image, image[::-1, ::-1])
    assert (found.text, found.kind) == ("", "turned")
    target = teacher.head.weight.detach().numpy()[[0, 3, 3, 1, 0]] * 50
    expected = (target @ teacher.head.weight.detach().numpy()[[0, 3, 1]].T).argmax(1)
    assert turned.truth(target).tolist() == [one for one, _ in groupby(expected.tolist()) if one]
    assert 1 in turned.truth(target)
    for kept in (replace(line, kind="plate"), replace(line, image=np.zeros((48, 400, 3), np.uint8))):
        assert turned.turned(kept, np.random.default_rng(0)) is kept


def test_backbone_stays_frozen(recipe: Recipe) -> None:
    trainer = distill.Trainer(recipe)
    before = [p.detach().clone() for p in trainer.student.backbone.parameters()]
    trainer.one_round(Weights())
    assert all(torch.equal(a, b) for a, b in zip(before, trainer.student.backbone.parameters(), strict=True))


def test_shard_reads_back_what_was_written(tmp_path: Path) -> None:
    written = _samples(4, 9)
    write_shard(tmp_path / "s.npz", written)
    for one, other in zip(written, read_shard(tmp_path / "s.npz"), strict=True):
        assert np.array_equal(one.features, other.features)
        assert np.array_equal(one.target, other.target)
        assert np.array_equal(one.label, other.label)
        assert one.kind == other.kind


def test_vocabulary_holds_blank_and_every_truth() -> None:
    vocabulary = Vocabulary(torch.nn.Linear(WIDTH, 500), negatives=10)
    classes = vocabulary.choose(torch.tensor([3, 499, 3]), torch.Generator().manual_seed(0))
    assert classes[0] == 0
    assert {3, 499} <= set(classes.tolist())
    assert torch.equal(classes, classes.sort().values)


def test_rate_warms_up_and_ends_at_zero() -> None:
    assert distill.schedule(0.0) == 0.0
    assert distill.schedule(0.02) > 0.9
    assert distill.schedule(1.0) == pytest.approx(0.0)


def test_student_begins_with_the_teachers_head_rows() -> None:
    teacher = Teacher(len(CHARACTERS) + 1)
    student = from_teacher(teacher, CHARACTERS, ["C", " "], hidden=8)
    assert torch.equal(student.head.weight[1], teacher.head.weight[3])
    with pytest.raises(ValueError, match="does not know"):
        from_teacher(teacher, CHARACTERS, ["中"], hidden=8)


def test_student_begins_equal_to_the_teacher_and_needs_its_lstm_for_it() -> None:
    torch.manual_seed(0)
    teacher = Teacher(len(CHARACTERS) + 1).eval()
    student = from_teacher(teacher, CHARACTERS, CHARACTERS, hidden=WIDTH).eval()
    features = torch.randn(2, 384, 24)
    with torch.no_grad():
        wanted = teacher.neck(features)
        begun = (student.neck(features) - wanted).square().mean() / wanted.var()
        student.neck.out.weight.zero_()
        student.neck.out.bias.zero_()
        silenced = (student.neck(features) - wanted).square().mean() / wanted.var()
    assert begun < 1e-3
    assert silenced > 5 * begun


def test_smaller_lstm_keeps_the_units_that_contribute_most() -> None:
    torch.manual_seed(0)
    teacher = Teacher(len(CHARACTERS) + 1).eval()
    block = teacher.attention[0]
    assert isinstance(block, Attention)
    with torch.no_grad():
        block.narrow.weight[:, 40:].zero_()
    student = from_teacher(teacher, CHARACTERS, CHARACTERS, hidden=20).eval()
    features = torch.randn(1, 384, 24)
    with torch.no_grad():
        difference = (student.neck(features) - teacher.neck(features)).square().mean() / teacher.neck(features).var()
    assert difference < 1e-3


def test_export_has_dynamic_batch_and_width(tmp_path: Path) -> None:
    torch.manual_seed(0)
    student = from_teacher(Teacher(len(CHARACTERS) + 1), CHARACTERS, CHARACTERS, hidden=8)
    assert export_floats(student, tmp_path / "recogniser.onnx") < 1e-3


def test_decoding_merges_repeats_and_drops_blanks() -> None:
    assert tensors.decode(np.array([[0, 1, 1, 0, 1, 2, 2, 0]]), ["a", "b"]) == ["aab"]


def test_padding_is_grey_after_normalisation() -> None:
    batch = tensors.to_input([np.full((48, 100, 3), 255, np.uint8)])
    assert batch.shape == (1, 3, 48, 128)
    assert batch[0, 0, 0, 99] == 1.0
    assert batch[0, 0, 0, 100] == 0.0
