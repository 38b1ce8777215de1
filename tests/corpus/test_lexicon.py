import re

import pytest

from speak.corpus.lexicon import LEXICON, pronounce, words_of
from speak.corpus.phones import SOUNDS, SYLLABIC
from speak.corpus.sentences import CREMA_D_SENTENCES, OTHER_SENTENCES
from speak.errors import UserError

SENTENCES = (*CREMA_D_SENTENCES.values(), *OTHER_SENTENCES)


def test_words_leave_punctuation_and_case_behind():
    assert words_of("It’s eleven O'CLOCK, now.") == ["it's", "eleven", "o'clock", "now"]


def test_lexicon_and_sentences_hold_the_same_words():
    spoken = {word for sentence in SENTENCES for word in words_of(sentence)}
    assert spoken == set(LEXICON)


def test_every_pronunciation_uses_known_sounds_and_has_a_vowel():
    for word, phones in LEXICON.items():
        symbols = [phone.rstrip("1") for phone in phones]
        assert set(symbols) <= set(SOUNDS), word
        assert set(symbols) & SYLLABIC, word
        accented = [phone for phone in phones if phone.endswith("1")]
        assert len(accented) <= 1 and {phone[:-1] for phone in accented} <= SYLLABIC, word


@pytest.mark.parametrize(
    ("word", "phones"),
    # Entries of the CMU Pronouncing Dictionary, without stress.
    [
        ("appointment", "AH P OY N T M AH N T"),
        ("exactly", "IH G Z AE K T L IY"),
        ("airplane", "EH R P L EY N"),
        ("judge", "JH AH JH"),
        ("music", "M Y UW Z IH K"),
        ("surface", "S ER F AH S"),
        ("thought", "TH AO T"),
    ],
)
def test_pronunciations_agree_with_cmudict(word, phones):
    assert [phone.rstrip("1") for phone in pronounce(word)] == phones.split()


def test_spelling_hints_at_the_first_consonant():
    """A check by letters alone: a word that begins with b, m, v ... begins with that sound."""
    for word in LEXICON:
        if match := re.match(r"[bdflmnrvz]", word):
            assert pronounce(word)[0] == match[0].upper(), word


def test_unknown_word_is_named():
    with pytest.raises(UserError, match="'zeppelin'"):
        pronounce("zeppelin")


def test_crema_d_has_its_twelve_codes():
    assert " ".join(sorted(CREMA_D_SENTENCES)) == "DFA IEO IOM ITH ITS IWL IWW MTI TAI TIE TSI WSI"
