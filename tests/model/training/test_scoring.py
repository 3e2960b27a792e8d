import pytest

from edgeocr.model.training.evaluation.scoring import counts, edit_distance, normalise, score


@pytest.mark.parametrize(
    ("text", "set_name", "folded"),
    [
        ("你 好。", "zh_print", "你好."),
        ("《书》、〈名〉", "zh_print", "<书>,<名>"),
        ("“甲”「乙」’丙’", "zh_print", '"甲""乙"\'丙\''),
        ("2020–2021—", "zh_print", "2020-2021-"),
        ("皖A·12345", "zh_plate", "皖A12345"),
        ("皖AOI345", "zh_plate", "皖A01345"),
        ("Don't!", "en_scene", "DONT"),
        ("Total: 4", "en_receipt", "TOTAL:4"),
        ("Total: 4", "en_print", "Total:4"),
        ("【甲】〔乙〕", "zh_print", "[甲](乙)"),
        ("ＡＢ１２：", "zh_print", "AB12:"),
    ],
)
def test_folding_ignores_what_the_labels_do_not_distinguish(text: str, set_name: str, folded: str) -> None:
    assert normalise(text, set_name) == folded


def test_han_does_not_count_on_scenes() -> None:
    assert normalise("A店", "en_scene") == "A"


def test_edit_distance_counts_each_kind_of_edit() -> None:
    assert edit_distance("kitten", "sitting") == 3
    assert edit_distance("", "abc") == 3
    assert edit_distance("abc", "abc") == 0


def test_error_rate_is_over_summed_truths() -> None:
    result = score([("abcd", "abcd"), ("ab", "xb")])
    assert (result.lines, result.exact, result.edits, result.characters) == (2, 1, 1, 6)
    assert result.accuracy == 0.5
    assert result.cer == pytest.approx(1 / 6)


def test_empty_set_scores_zero() -> None:
    assert score([]).accuracy == 0.0
    assert score([]).cer == 0.0


def test_a_set_of_letters_does_not_count_signs() -> None:
    assert [counts(character, "zh_hand") for character in "字a。 "] == [True, True, False, False]
    assert counts("。", "zh_print")
