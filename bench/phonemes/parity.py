#!/usr/bin/env python3
"""How many words Hearth says exactly as misaki does, American and British.

    python3 bench/peers/install.py misaki && ninja -C build/release hearth-phonemes    # once
    python3 bench/phonemes/parity.py [--show 20]

misaki runs in the environment that install.py makes, as misaki_reference.py says; ours is the build's hearth-phonemes with the table that
`hearth models pull kokoro` made. Every word of the reference's phonemes is
attributed to the token it came from, and counted by that token's kind:
  known       in misaki's lexicons (or made from them by its rules), and said in one way whatever the part of speech
  heteronym   said by part of speech, which the reference's tagger only guesses
  unknown     left to espeak-ng, of which the two sides may have different versions
Marks are not compared. Exit status 1 when fewer than --least percent of the known words are equal in either accent.
"""
import argparse
import collections
import difflib
import json
import pathlib
import re
import runpy
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from common import PEERS, PHONEMES, find_english_table  # noqa: E402

MARKS = re.compile(r'[\s;:,.!?—…"“”()]+')
KINDS = ['known', 'heteronym', 'unknown']


def reference_worker(reference, british):
    """Runs inside the reference's environment: sentences on stdin, a JSON list of (text, phonemes, blank after, kind) a line."""
    lines = sys.stdin.read().splitlines()
    sys.argv = [reference] + (['--british'] if british else [])
    sys.stdin = iter(())
    g2p = runpy.run_path(reference)['g2p']
    unknown = set()
    fallback = g2p.fallback

    def noting(token):
        unknown.add(token.text)
        return fallback(token)

    g2p.fallback = noting

    def by_tag(word):
        sounds = g2p.lexicon.golds.get(word, g2p.lexicon.golds.get(word.lower()))
        return isinstance(sounds, dict) and len({v for k, v in sounds.items() if k != 'None'}) > 1

    for line in lines:
        unknown.clear()
        result = []
        for token in g2p(line)[1]:
            parts = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", token.text)
            kind = 'unknown' if token.text in unknown else 'heteronym' if any(map(by_tag, parts)) else 'known'
            result.append((token.text, token.phonemes or '', bool(token.whitespace), kind))
        print(json.dumps(result), flush=True)


def words_of(tokens):
    """(sound, kind, text) of each word; a word of several tokens has the least certain kind among them."""
    words, sound, kinds, texts = [], '', set(), []

    def finish():
        nonlocal sound, kinds, texts
        if sound:
            words.append((sound, max(kinds, key=KINDS.index), ' '.join(texts)))
        sound, kinds, texts = '', set(), []

    for text, phonemes, blank, kind in tokens:
        for piece in re.split(f'({MARKS.pattern})', phonemes):
            if MARKS.fullmatch(piece):
                finish()
            elif piece:
                sound += piece
                kinds.add(kind)
                texts.append(text)
        if blank:
            finish()
    finish()
    return words


def compare(options, british):
    accent = ['--british'] if british else []
    sentences = '\n'.join(options.lines) + '\n'
    worker = [options.python, __file__, '--worker', '--reference', options.reference] + accent
    reference = subprocess.run(worker, input=sentences, capture_output=True, text=True, check=True).stdout.splitlines()
    ours = subprocess.run([options.ours, '--table', options.table or find_english_table()] + accent, input=sentences, capture_output=True, text=True,
                          check=True).stdout.splitlines()
    assert len(reference) == len(ours) == len(options.lines)
    total, equal, differences = collections.Counter(), collections.Counter(), []
    for line, theirs, mine in zip(options.lines, reference, ours):
        words = words_of(json.loads(theirs))
        said = [w for w in MARKS.split(mine) if w]
        matcher = difflib.SequenceMatcher(None, [w[0] for w in words], said, autojunk=False)
        for tag, a, b, c, d in matcher.get_opcodes():
            for _, kind, text in words[a:b]:
                total[kind] += 1
                equal[kind] += tag == 'equal'
            if tag != 'equal':
                kind = max((w[1] for w in words[a:b]), key=KINDS.index, default='known')
                differences.append((kind, ' '.join(w[2] for w in words[a:b]), ' '.join(w[0] for w in words[a:b]), ' '.join(said[c:d]), line))
    print('British' if british else 'American', f'({len(options.lines)} sentences)')
    for kind in KINDS:
        share = 100 * equal[kind] / max(total[kind], 1)
        print(f'  {kind:10} {equal[kind]:6} of {total[kind]:6} words equal  {share:6.2f} %')
    shown = collections.Counter()
    for kind, text, theirs, mine, line in differences:
        if shown[kind] < options.show:
            shown[kind] += 1
            print(f'    {kind}: {text!r}  misaki {theirs}  hearth {mine}  | {line}')
    return 100 * equal['known'] / max(total['known'], 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--python', default=str(PEERS / 'misaki/bin/python'), help='an interpreter that has misaki')
    parser.add_argument('--reference', default=str(pathlib.Path(__file__).with_name('misaki_reference.py')))
    parser.add_argument('--ours', default=str(PHONEMES))
    parser.add_argument('--table', help='without it, the lexicon.bin in use')
    parser.add_argument('--sentences', help='a file; without it, those of sentences.py')
    parser.add_argument('--show', type=int, default=0, help='differences to print of each kind')
    parser.add_argument('--least', type=float, default=97.0)
    parser.add_argument('--worker', action='store_true', help=argparse.SUPPRESS)
    parser.add_argument('--british', action='store_true', help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        return reference_worker(options.reference, options.british)
    if options.sentences:
        text = pathlib.Path(options.sentences).read_text(encoding='utf-8')
    else:
        text = subprocess.run([sys.executable, str(pathlib.Path(__file__).with_name('sentences.py'))], capture_output=True, text=True,
                              check=True).stdout
    options.lines = [line.strip() for line in text.splitlines() if line.strip()]
    shares = [compare(options, british) for british in (False, True)]
    return 0 if min(shares) >= options.least else 1


if __name__ == '__main__':
    sys.exit(main())
