import pytest
from pydantic import ValidationError

from wanmon.exchange.wording import complaints, quoted, suggestion
from wanmon.model.inventory import NOUN, NOUNS


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("Hồ", "'Hồ'"),
        (7, "'7'"),
        ("a\x1b[2Jb", "'a\\x1b[2Jb'"),
        ("a\u202eb", "'a\\u202eb'"),
        ("x" * 60, f"'{'x' * 60}'"),
        ("x" * 61, f"'{'x' * 59}…'"),
    ],
)
def test_a_value_is_repeated_short_and_harmless(value, shown):
    assert shown == quoted(value)


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("stat", "; did you mean 'state'?"),
        ("STATE", "; did you mean 'state'?"),
        ("zzz", ""),
        ("", ""),
        ("state" * 1000, ""),
    ],
)
def test_only_a_word_that_is_like_a_known_one_is_suggested(word, said):
    assert said == suggestion(word, ["state", "code"])


def test_blanks_alone_are_an_empty_name():
    fields = NOUN["carrier"].fields
    with pytest.raises(ValidationError) as caught:
        fields.model_validate({"code": "A", "name": "   "})

    assert [("name", "is empty")] == complaints(fields, caught.value)


def test_every_form_that_a_column_can_have_is_explained():
    """A pattern is no sentence: a new one needs words of its own."""
    for noun in NOUNS:
        with pytest.raises(ValidationError) as caught:
            noun.fields.model_validate(dict.fromkeys(noun.columns, "?!"))

        assert [words for _, words in complaints(noun.fields, caught.value) if "does not fit" in words] == []
