from dataclasses import replace

import numpy as np
import pytest

from edgeocr.model.networks.manifest import DEFAULT_FOLDER, load_manifest
from edgeocr.model.recognition import ctc
from edgeocr.model.recognition.recogniser import Recogniser
from edgeocr.model.recognition.rules.plates import MOST_STEPS, PROVINCES, PlateGrammar, is_like_plate
from edgeocr.model.recognition.rules.rule import ALL_RULES, DecodingRule

CHARSET = (*"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", *"abk学警挂港澳·•.- ", *PROVINCES, *"陈院号")
GRAMMAR = PlateGrammar(CHARSET)


def scores(*steps, charset=CHARSET):
    """Scores of time steps, each one's characters with their probabilities; the blank has what is left."""
    likely = np.full((len(steps), len(charset) + 1), 1e-9, np.float32)
    for row, step in zip(likely, steps, strict=True):
        for text, probability in step.items():
            row[charset.index(text) + 1] = probability
        row[ctc.BLANK] = max(1 - sum(step.values()), 1e-9)
    return np.log(likely)


def written(text, **doubtful):
    """Steps that spell a text, a blank behind each character; some characters are others as well."""
    places = {int(name[1:]): others for name, others in doubtful.items()}
    steps = []
    for place, character in enumerate(text):
        others = places.get(place, {})
        steps += [{character: 0.99 - sum(others.values()), **others}, {}]
    return scores(*steps)


def settled(logits, grammar=GRAMMAR):
    """What is read, by the grammar where it applies."""
    path = ctc.best_path(logits)
    if grammar.is_near(path):
        path = grammar.path(logits, path)
    return ctc.decode(path, CHARSET, len(logits))


@pytest.mark.parametrize(
    ("text", "plate"),
    [("陈A12345", "皖A12345"), ("陈A·12345", "皖A·12345"), ("陈AD12345", "皖AD12345"), ("陈A1234学", "皖A1234学")],
)
def test_likeliest_province_stands_where_a_plate_has_one(text, plate):
    assert settled(written(text, _0={"院": 0.2, "皖": 0.15, "沪": 0.05})).text == plate


def test_a_province_may_be_less_likely_than_three_others():
    assert settled(written("陈A12345", _0={"院": 0.2, "号": 0.2, "学": 0.2, "沪": 0.02})).text == "沪A12345"


def test_probability_of_a_province_is_that_among_provinces():
    first = settled(written("陈A12345", _0={"皖": 0.15, "沪": 0.05})).characters[0]
    assert (first.text, first.confidence) == ("皖", pytest.approx(0.75, abs=0.01))
    assert [other.text for other in first.alternatives] == ["沪"]


@pytest.mark.parametrize(
    ("text", "place", "runner_up", "plate"),
    [
        ("皖4·586H7", 1, "A", "皖A·586H7"),
        ("皖A1O234", 3, "0", "皖A10234"),
        ("皖A295EI", 6, "1", "皖A295E1"),
        ("皖A-12345", 2, "·", "皖A·12345"),
        ("皖k12345", 1, "K", "皖K12345"),
    ],
)
def test_what_no_plate_has_is_read_as_what_it_looks_like(text, place, runner_up, plate):
    assert settled(written(text, **{f"_{place}": {runner_up: 0.3}})).text == plate


def test_province_that_is_torn_between_many_is_read_where_none_is_likelier_than_a_blank():
    steps = [{"皖": 0.3, "陈": 0.2, "院": 0.1}, {}]
    logits = np.concatenate([scores(*steps), written("A12345")])
    assert ctc.decode(ctc.best_path(logits), CHARSET, len(logits)).text == "A12345"
    assert settled(logits).text == "皖A12345"


def test_what_is_read_behind_a_plate_is_left_out_where_it_is_hardly_likelier_than_a_blank():
    assert settled(np.concatenate([written("皖A12345"), scores({"-": 0.6}, {})])).text == "皖A12345"


def test_equal_neighbours_stay_two():
    assert settled(written("陈A11155", _0={"皖": 0.2})).text == "皖A11155"


@pytest.mark.parametrize(
    "text",
    [
        *("沪A12345", "陈1234", "陈A1234", "陈A12345123", "陈陈A12345", "AA12345", "KA12345", "A12345", "HOTEL12"),
        *("陈A1·2345", "皖A1234学", "陈ABCDEF", "", "陈A1O34B5"),
    ],
)
def test_other_lines_stay(text):
    others = {"皖": 0.2} if text[:1] == "陈" else {}
    assert settled(written(text, _0=others)).text == text


LEADS = {"皖": 1.0, "沪": -1.0}


@pytest.mark.parametrize(("text", "plate"), [("陈A12345", "皖A12345"), ("沪A12345", "皖A12345")])
def test_provinces_have_leads_on_plates_of_doubtful_provinces(text, plate):
    others = {"沪": 0.3, "皖": 0.2} if text[0] == "陈" else {"皖": 0.2, "陈": 0.3}
    logits = written(text, _0=others)
    first = settled(logits, PlateGrammar(CHARSET, LEADS)).characters[0]
    likely = {"沪": others.get("沪", 0.49), "皖": 0.2}
    wanted = likely["皖"] * np.e / (likely["皖"] * np.e + likely["沪"] / np.e)
    assert (first.text, first.confidence) == (plate[0], pytest.approx(wanted, abs=0.01))
    assert settled(logits).text == "沪A12345"


def test_leads_change_no_sure_province():
    assert settled(written("沪A12345"), PlateGrammar(CHARSET, {"皖": 100.0})).text == "沪A12345"


def test_scores_of_provinces_are_those_where_the_province_stands():
    scored = GRAMMAR.province_scores(written("陈A12345", _0={"皖": 0.2, "沪": 0.1}))
    likely = dict(zip(GRAMMAR.provinces, np.exp(scored), strict=True))
    assert sorted(likely, key=likely.get)[-2:] == ["沪", "皖"]
    assert likely["皖"] == pytest.approx(0.2)
    assert GRAMMAR.province_scores(scores({"皖": 0.9}, {})) is None


def test_letter_that_is_likelier_than_all_han_stays():
    assert settled(written("KAB7182", _0={"皖": 0.2, "陈": 0.05})).text == "KAB7182"


def test_sure_han_that_is_no_province_stays():
    assert settled(written("号A12345")).text == "号A12345"


def test_what_is_far_less_likely_is_not_read():
    assert settled(written("陈A1O3I5", _0={"皖": 0.3})).text == "陈A1O3I5"


def test_long_lines_are_no_plates():
    logits = np.concatenate([written("陈A12345", _0={"皖": 0.3}), scores(*[{}] * MOST_STEPS)])
    assert settled(logits).text == "陈A12345"


def test_a_path_without_room_for_another_character_stays():
    logits = scores(*({text: 0.9} for text in "A1O345"))
    path = ctc.best_path(logits)
    assert GRAMMAR.is_near(path)
    assert GRAMMAR.path(logits, path) is path


def test_a_charset_that_cannot_spell_plates_reads_none():
    charset = tuple(text for text in CHARSET if text not in PROVINCES)
    steps = [{text: 0.9} for text in "陈A1O345"]
    assert not PlateGrammar(charset).is_near(ctc.best_path(scores(*steps, charset=charset)))


class Fixed:
    """Networks that give these scores, whatever they see."""

    def __init__(self, logits):
        self.features, self.head = self, self
        self.logits = logits

    def run(self, given, result):
        if result.dtype == np.float32:
            result[:] = self.logits[given[:, 0]]
        else:
            result[..., 0] = np.arange(result.shape[1])


@pytest.mark.parametrize(("rules", "text"), [(ALL_RULES, "皖A12345"), (ALL_RULES - {DecodingRule.PLATES}, "陈A12345")])
def test_a_recogniser_reads_plates_as_the_rule_says(rules, text):
    spec = replace(load_manifest(DEFAULT_FOLDER).recogniser, charset=CHARSET)
    logits = np.concatenate([written("陈A12345", _0={"皖": 0.2}), scores({}, {})])
    reader = Recogniser(Fixed(logits), spec, rules)
    crop = np.zeros((spec.height, len(logits) * spec.time_step_pixels, 3), np.uint8)
    (read,) = reader.read([crop], reader.bucket(crop.shape[1], crop.shape[0]))
    assert read.text == text


@pytest.mark.parametrize("text", ["125.00", "18-04-16", "31803039"])
def test_digits_alone_are_like_no_plate(text):
    assert not is_like_plate(text)
    assert is_like_plate(f"A{text[1:]}")
