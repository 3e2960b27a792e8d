import pytest

from edgeocr.model.layout.structure.joining import joined, words

LABELLED = [
    (["The pump was de-", "livered on Monday."], "The pump was delivered on Monday."),
    (["a well-", "known town"], "a well-known town"),
    (["state-of-the-", "art work"], "state-of-the-art work"),
    (["by Jean-", "Paul himself"], "by Jean-Paul himself"),
    (["the COVID-", "19 years"], "the COVID-19 years"),
    (["from 1990 -", "it was closed"], "from 1990 - it was closed"),
    (["soft\u00ad", "ware"], "software"),
    (["either/", "or"], "either/or"),
    (["设备清单和测试报告", "已经完成，请在"], "设备清单和测试报告已经完成，请在"),
    (["我们使用", "Python 编写"], "我们使用Python 编写"),
    (["共 25", "个文件"], "共 25个文件"),
    (["한국어 문장은", "띄어쓰기를 한다"], "한국어 문장은 띄어쓰기를 한다"),
    (["one two", "three"], "one two three"),
    (["schön-", "heit und größe"], "schönheit und größe"),
]
"""Rows as they are set, and the text that they were set from."""


@pytest.mark.parametrize(("rows", "expected"), LABELLED)
def test_rows_are_joined_as_they_were_before_they_were_set(rows, expected):
    assert joined(rows) == expected


def test_other_words_of_the_page_tell_whether_a_hyphen_divides():
    assert joined(["an e-", "mail"], words(["Her e-mail came."])) == "an e-mail"
    assert joined(["a pre-", "sent"], words(["The present was here."])) == "a present"
