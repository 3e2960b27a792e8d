import pytest

from edgeocr.model.training.scoring import edit_distance, normalised, score


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Ａ１ ｂ", "A1b"),
        ("他说：“好。”", '他说:"好."'),
        ("《书》…〈篇〉", "<书>.<篇>"),
        ("「a」—b•c", '"a"-b.c'),
        ("【一】〔二〕、", "[一](二),"),
    ],
)
def test_width_space_and_punctuation_are_folded(text, folded):
    assert normalised(text) == folded


def test_sets_fold_what_their_labels_lack():
    assert normalised("Total: 5", "en_receipt") == "TOTAL:5"
    assert normalised("Don't stop!", "en_scene") == "DONTSTOP"
    assert normalised("京A·O1I23", "zh_plate") == "京A01123"


@pytest.mark.parametrize(
    ("first", "second", "distance"), [("", "", 0), ("abc", "", 3), ("kitten", "sitting", 3), ("中文", "中又", 1)]
)
def test_edit_distance(first, second, distance):
    assert edit_distance(first, second) == edit_distance(second, first) == distance


def test_accuracy_counts_lines_and_the_error_rate_counts_characters():
    result = score([("abcd", "abcd"), ("abcd", "abxx"), ("ab", "")])
    assert (result.lines, result.accuracy, result.character_error_rate) == (3, pytest.approx(1 / 3), pytest.approx(0.4))
