#!/usr/bin/env python3
"""How many heteronyms Hearth says by their sense: tests/data/text/heteronyms.tsv against hearth-phonemes (American).

    ninja -C build/release hearth-phonemes    # once
    python3 bench/phonemes/heteronyms.py [--least 85]

A row is right when the sentence's phonemes have the wanted sound as a whole word. Exit status 1 below --least percent.
"""
import argparse
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from common import PHONEMES, find_english_table  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--ours', default=str(PHONEMES))
    parser.add_argument('--table', help='without it, the lexicon.bin in use')
    parser.add_argument('--least', type=float, default=85.0)
    options = parser.parse_args()
    source = pathlib.Path(__file__).resolve().parents[2] / 'tests/data/text/heteronyms.tsv'
    rows = [line.split('\t') for line in source.read_text(encoding='utf-8').splitlines() if line and not line.startswith('#')]
    spoken = subprocess.run([options.ours, '--table', options.table or find_english_table()], input=''.join(row[2] + '\n' for row in rows), capture_output=True,
                            text=True, check=True).stdout.splitlines()
    right = 0
    for (word, wanted, sentence), phonemes in zip(rows, spoken, strict=True):
        words = [w.strip('.,;:!?—…"“”()') for w in phonemes.replace('T', 'ɾ').split()]
        if wanted in words:
            right += 1
        else:
            print(f'  {word}: wanted {wanted} in {phonemes}  | {sentence}')
    share = 100 * right / len(rows)
    print(f'heteronyms right by sense: {right} of {len(rows)} sentences  {share:.1f} %')
    return 0 if share >= options.least else 1


if __name__ == '__main__':
    sys.exit(main())
