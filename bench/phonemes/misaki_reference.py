#!/usr/bin/env python3
"""The reference of parity.py: misaki's own phonemes, one line for each line of text on standard input.

    PEERS/misaki/bin/python misaki_reference.py [--british] < sentences.txt

misaki asks for a spaCy model that no package registry has. In its place spaCy only cuts tokens, and TextBlob's tagger (a lexicon with
rules on the words around, inside its package) gives the Penn tags that misaki's rules read. So heteronyms are as right as that tagger
is, and parity.py counts them apart. bench/peers/install.py makes the environment.
"""
import sys

import spacy
import spacy.util
import textblob.en as tagger
from spacy.language import Language

MARKS = {'.': '.', '?': '.', '!': '.', ',': ',', ':': ':', ';': ':', '—': ':', '…': ':', '$': '$', '(': '-LRB-', ')': '-RRB-',
         '“': '``', '”': "''", '"': '``', '#': '#', '-': 'HYPH'}


@Language.component('penn_tags')
def penn_tags(doc):
    words = [token.text for token in doc]
    parsed = tagger.parse(' '.join(words), tokenize=False, chunks=False, lemmata=False).split(' ')
    tags = [word.rsplit('/', 1)[-1] if '/' in word else 'NN' for word in parsed]
    if len(tags) != len(words):  # the tagger has cut a word of its own accord
        tags = ['NN'] * len(words)
    for token, tag in zip(doc, tags):
        token.tag_ = MARKS.get(token.text, tag if tag.isalpha() or tag.endswith('$') else 'NN')
    return doc


def blank_with_tags(name, enable=None, **_):
    nlp = spacy.blank('en')
    nlp.add_pipe('penn_tags')
    return nlp


# Before misaki is imported, which looks for its model as soon as it is used.
spacy.util.is_package = lambda name: True
spacy.load = blank_with_tags

from misaki import en, espeak  # noqa: E402

british = '--british' in sys.argv
g2p = en.G2P(trf=False, british=british, fallback=espeak.EspeakFallback(british=british))
for line in sys.stdin:
    line = line.strip()
    print(g2p(line)[0] if line else '')
