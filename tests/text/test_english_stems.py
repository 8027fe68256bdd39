from colbert_explain.text.english_stems import english_stem

#: Made by the Snowball project's own stemmer, version 3.1.
STEMS = """
cat cat, cats cat, elephants eleph, eat eat, eats eat, eating eat, eaten eaten, caresses caress,
ponies poni, ties tie, dies die, gas gas, this this, kiwis kiwi, gaps gap, abyss abyss, cries
cri, cried cri, used use, agreed agre, feed feed, proceed proceed, exceed exceed, hopping hop,
hoped hope, hoping hope, falling fall, adding add, luxuriated luxuri, conflated conflat,
troubled troubl, sized size, dying die, lying lie, inning inning, evening evening, innings
inning, outing outing, happily happili, happy happi, say say, by by, sky sky, skies sky, news
news, andes andes, generate generat, generously generous, communism communism, arsenal arsenal,
university universiti, universal universal, pastoral pastor, later later, emergency emergenc,
organization organiz, international internat, relational relat, conditional condit, rational
ration, valency valenc, hesitancy hesit, digitizer digit, conformably conform, radically radic,
differently differ, vilely vile, analogously analog, vietnamization vietnam, predication predic,
operator oper, feudalism feudal, decisiveness decis, hopefulness hope, callousness callous,
formality formal, sensitivity sensit, sensibility sensibl, geologist geolog, analogy analog,
wisely wise, triplicate triplic, formative format, formalize formal, electricity electr,
electrical electr, hopeful hope, goodness good, revival reviv, allowance allow, inference infer,
airliner airlin, gyroscopic gyroscop, adjustable adjust, defensible defens, irritant irrit,
replacement replac, adjustment adjust, dependent depend, adoption adopt, homologous homolog,
communicate communic, bowdlerize bowdler, effective effect, probate probat, rate rate, cease
ceas, controlling control, rolling roll, elephant's eleph, dogs' dog, 'tis tis, youth youth, boy
boy, yellow yellow, consumed consum, consumption consumpt, eggs egg, added add, ebbing ebb,
offing off, skating skate, shed shed, bed bed, unitedly unit, hyphenated hyphen, pasted paste,
biliously bilious, only onli, ugly ugli
"""


def test_stems_are_those_of_snowball():
    expected = dict(pair.split() for pair in " ".join(STEMS.split()).split(", "))
    assert len(expected) > 120
    assert {word: english_stem(word) for word in expected} == expected
