"""Initial weights of a student, equivalent to the published network that it is made from."""

from collections.abc import Sequence

from edgeocr.model.training.distillation.recipe import Recipe
from edgeocr.model.training.networks import fast
from edgeocr.model.training.networks.crnn import Crnn, from_teacher
from edgeocr.model.training.networks.teacher import Teacher, load_teacher
from edgeocr.model.training.networks.tiny import Tiny, load_tiny


def teacher_of(recipe: Recipe) -> tuple[Teacher | Tiny, list[str]]:
    """The published network whose backbone the student has, and its characters."""
    if recipe.pace == "fast":
        return load_tiny(recipe.tiny_path, recipe.tiny_charset_path)
    return load_teacher(recipe.teacher_path)


def begun(recipe: Recipe, charset: Sequence[str]) -> Crnn:
    """A student before training."""
    teacher, known = teacher_of(recipe)
    if isinstance(teacher, Teacher):
        return from_teacher(teacher, known, charset, recipe.hidden)
    better, better_known = load_teacher(recipe.teacher_path)
    return fast.from_tiny(teacher, known, (better.head, better_known), charset, recipe.hidden)
