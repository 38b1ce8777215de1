"""How the corpus's words are pronounced: a hand-written lexicon in ARPAbet.

A ``1`` behind a vowel marks the word's accent, where the voice rises and lingers; small words have none.
"""

import re

from speak.errors import UserError

_WORDS = """
a AH; about AH B AW1 T; above AH B AH1 V; again AH G EH1 N; airplane EH1 R P L EY N; alarm AH L AA1 R M;
all AO1 L; almost AO1 L M OW S T; along AH L AO1 NG; always AO1 L W EY Z; and AE N D; answer AE1 N S ER;
apple AE1 P AH L; appointment AH P OY1 N T M AH N T; ask AE1 S K; asked AE1 S K T; at AE T;
back B AE1 K; be B IY; because B IH K AH1 Z; been B IH N; before B IH F AO1 R; behind B IH HH AY1 N D;
believe B IH L IY1 V; beside B IH S AY1 D; better B EH1 T ER; between B IH T W IY1 N; big B IH1 G;
blew B L UW1; blue B L UW1; boat B OW1 T; bob B AA1 B; book B UH1 K; books B UH1 K S; both B OW1 TH; bought B AO1 T;
box B AA1 K S; boy B OY1; brave B R EY1 V; bread B R EH1 D; breakfast B R EH1 K F AH S T; bridge B R IH1 JH;
brown B R AW1 N; building B IH1 L D IH NG; built B IH1 L T; but B AH T; butter B AH1 T ER; buy B AY1; by B AY;
came K EY1 M; can K AE N; child CH AY1 L D; choose CH UW1 Z; chose CH OW1 Z; clear K L IH1 R; clock K L AA1 K;
cloud K L AW1 D; cold K OW1 L D; could K UH D; couple K AH1 P AH L;
day D EY1; do D UW; doctor's D AA1 K T ER Z; don't D OW1 N T;
eleven IH L EH1 V AH N; ever EH1 V ER; every EH1 V R IY; everybody EH1 V R IY B AA D IY;
exactly IH G Z AE1 K T L IY;
families F AE1 M AH L IY Z; family F AE1 M AH L IY; farm F AA1 R M; father F AA1 DH ER; feeling F IY1 L IH NG;
film F IH1 L M; firemen F AY1 ER M EH N; first F ER1 S T; five F AY1 V; follow F AA1 L OW; food F UW1 D;
for F AO R; forget F ER G EH1 T; found F AW1 N D; friends F R EH1 N D Z; from F R AH M; full F UH1 L;
fun F AH1 N; funny F AH1 N IY;
gave G EY1 V; give G IH1 V; go G OW1; good G UH1 D;
had HH AE D; happen HH AE1 P AH N; happened HH AE1 P AH N D; happy HH AE1 P IY; harbour HH AA1 R B ER;
hard HH AA1 R D; have HH AE V; he HH IY; heavy HH EH1 V IY; help HH EH1 L P; her HH ER; here HH IH1 R;
home HH OW1 M; hope HH OW1 P;
i AY; i'm AY M; i've AY V; if IH F; in IH N; is IH Z; it IH T; it's IH T S;
jacket JH AE1 K AH T; job JH AA1 B; jobs JH AA1 B Z; judge JH AH1 JH; jumped JH AH1 M P T;
know N OW1; laughed L AE1 F T; let L EH1 T; like L AY1 K; live L IH1 V; loud L AW1 D; love L AH1 V;
loved L AH1 V D;
made M EY1 D; make M EY1 K; many M EH1 N IY; map M AE1 P; market M AA1 R K AH T; maybe M EY1 B IY; me M IY;
meal M IY1 L; meeting M IY1 T IH NG; met M EH1 T; minutes M IH1 N AH T S; moment M OW1 M AH N T;
money M AH1 N IY; months M AH1 N TH S; moon M UW1 N; more M AO1 R; morning M AO1 R N IH NG; most M OW1 S T;
mother M AH1 DH ER; move M UW1 V; moved M UW1 V D; much M AH1 CH; music M Y UW1 Z IH K; my M AY;
near N IH1 R; need N IY1 D; never N EH1 V ER; new N UW1; nobody N OW1 B AA D IY; now N AW1;
number N AH1 M B ER;
o'clock AH K L AA1 K; of AH V; often AO1 F AH N; old OW1 L D; on AA N; open OW1 P AH N; opens OW1 P AH N Z;
our AW ER; over OW1 V ER; own OW1 N;
paper P EY1 P ER; part P AA1 R T; path P AE1 TH; people P IY1 P AH L; pile P AY1 L; please P L IY1 Z;
power P AW1 ER; price P R AY1 S; problem P R AA1 B L AH M; purple P ER1 P AH L; put P UH1 T;
river R IH1 V ER; save S EY1 V; school S K UW1 L; sea S IY1; seen S IY1 N; she SH IY; shirt SH ER1 T;
short SH AO1 R T; should SH UH D; show SH OW1; simple S IH1 M P AH L; slick S L IH1 K; so S OW1;
solve S AA1 L V; somebody S AH1 M B AA D IY; stop S T AA1 P; summer S AH1 M ER; surface S ER1 F AH S;
table T EY1 B AH L; than DH AE N; thank TH AE1 NG K; that DH AE T; the DH AH; them DH EH M; then DH EH N;
they DH EY; think TH IH1 NG K; this DH IH S; thought TH AO1 T; time T AY1 M; to T UW; today T AH D EY1;
told T OW1 L D; tomorrow T AH M AA1 R OW; tonight T AH N AY1 T; too T UW1; top T AA1 P; town T AW1 N;
towns T AW1 N Z; true T R UW1;
umbrella AH M B R EH1 L AH; up AH1 P; us AH S; very V EH1 R IY; video V IH1 D IY OW; voice V OY1 S;
walk W AO1 K; want W AA1 N T; warm W AO1 R M; was W AH Z; water W AO1 T ER; waved W EY1 V D; way W EY1;
we W IY; we'll W IY L; were W ER; what W AH T; white W AY1 T; who HH UW; why W AY1; will W IH L; wind W IH1 N D;
window W IH1 N D OW; winter W IH1 N T ER; with W IH TH; woman W UH1 M AH N; wonder W AH1 N D ER;
wonderful W AH1 N D ER F AH L; worked W ER1 K T; would W UH D;
years Y IH1 R Z; you Y UW; young Y AH1 NG
"""

LEXICON: dict[str, tuple[str, ...]] = {
    word: tuple(phones) for word, *phones in (entry.split() for entry in _WORDS.split(";"))
}
"""Word in lower case -> ARPAbet phones, the accented vowel with a trailing ``1``."""


def words_of(text: str) -> list[str]:
    """The words of ``text`` in lower case, without punctuation: ``["it's", "eleven", "o'clock"]``."""
    return re.findall(r"[\w']+", text.lower().replace("’", "'"))


def pronounce(word: str) -> tuple[str, ...]:
    """Phones of ``word`` (lower case). Raises UserError when the lexicon lacks it."""
    if word not in LEXICON:
        raise UserError(
            f"sentence: no pronunciation for the word {word!r}; use another or add it to speak/corpus/lexicon.py"
        )
    return LEXICON[word]
