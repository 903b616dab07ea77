#!/usr/bin/env python3
"""Prints the sentences of the parity bench, one a line: our own prose, and templates filled from our own lists.

The same seed gives the same sentences.    sentences.py [--count 1200] [--seed 7]
"""
import argparse
import pathlib
import random

NAMES = """Anna Robert Maria James Olivia Henry Sophie Daniel Grace Martin Laura Peter Emily Victor Helen Thomas Alice George Ruth
Samuel Nora Edward Clara Simon Julia Oscar Diana Walter Irene Philip""".split()
SURNAMES = """Baker Fletcher Morgan Hughes Carter Bennett Palmer Foster Murray Ellis Dawson Harper Simmons Walsh Porter Norris
Spencer Wallace Abbott Chandler""".split()
CITIES = """London Paris Chicago Boston Madrid Dublin Berlin Toronto Sydney Vienna Lisbon Denver Seattle Manchester Oxford Glasgow
Houston Atlanta Montreal Rome""".split()
PLACES = """the library|the harbour|the old mill|the station|the market square|the northern bridge|the hospital|the theatre|the
garden centre|the airport|the village hall|the river bank|the city museum|the corner shop|the football ground|the lighthouse|the
railway museum|the cathedral|the botanical garden|the swimming pool""".replace('\n', ' ').split('|')
THINGS = """umbrella lantern ladder bottle blanket kettle mirror carpet hammer pencil basket candle notebook curtain bucket shovel
camera violin telescope cushion drawer magnet thermometer envelope calendar backpack scarf teapot wardrobe bicycle""".split()
PLURALS = """apples oranges ladders bottles blankets tickets cards boxes chairs windows bridges engines letters parcels stories
photographs batteries candles engineers visitors passengers students neighbours horses squirrels mountains branches islands cities
families""".split()
ADJECTIVES = """quiet narrow golden heavy ancient clever gentle honest rapid silver frozen curious hollow modest proud rusty shallow
stubborn tender velvet weary wooden yellow enormous fragile generous humble jealous lively mysterious ordinary peculiar""".split()
ADVERBS = """slowly carefully suddenly quietly eagerly rarely usually gently politely hardly nearly finally completely barely
cheerfully awkwardly""".split()
PAST = """carried repaired painted borrowed examined polished ignored collected delivered described measured mentioned noticed
opened ordered packed planted pushed received remembered replaced rescued sketched stitched wrapped""".split()
BASE = """carry repair paint borrow examine ignore collect deliver describe measure mention notice open order pack plant push
receive remember replace rescue sketch stitch wrap""".split()
ING = """carrying repairing painting borrowing examining collecting delivering describing measuring mentioning noticing opening
ordering packing planting pushing receiving remembering replacing sketching wrapping baking driving hiking swimming""".split()
MONTHS = 'January February March April May June July August September October November December'.split()
DAYS = 'Monday Tuesday Wednesday Thursday Friday Saturday Sunday'.split()
SCIENCE = """photosynthesis temperature electricity geometry chemistry evolution gravity oxygen hydrogen bacteria algorithm
hypothesis molecule telescope microscope satellite volcano earthquake climate ecosystem mathematics astronomy biology geology
philosophy psychology""".split()
JOBS = """engineer architect carpenter dentist librarian musician pharmacist plumber journalist accountant electrician astronomer
gardener surgeon mechanic novelist detective sculptor economist veterinarian""".split()
FEELINGS = """surprised delighted exhausted puzzled nervous relieved hungry thirsty grateful embarrassed cautious furious ashamed
optimistic sceptical bored""".split()


def money(r):
    kind = r.randrange(7)
    if kind == 0:
        return f'${r.randrange(1, 100)}.{r.randrange(1, 100):02}'
    if kind == 1:
        return f'${r.randrange(1, 1000)}'
    if kind == 2:
        return f'${r.randrange(2, 90)} million'
    if kind == 3:
        return f'${r.randrange(1, 30)},{r.randrange(1000):03}'
    if kind == 4:
        return f'${r.randrange(1, 9)}.{r.randrange(1, 10)} billion'
    if kind == 5:
        return f'{r.randrange(2, 99)} dollars'
    return f'{r.randrange(2, 99)} cents'


def ordinal(n):
    return f'{n}{"th" if 10 < n % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")}'


def date(r):
    day, month, year = r.randrange(1, 29), r.choice(MONTHS), r.randrange(1700, 2060)
    return r.choice([f'{month} {day}, {year}', f'{month} {ordinal(day)}, {year}', f'{day} {month} {year}', f'the {ordinal(day)} of {month}',
                     f'{month} {ordinal(day)}', f'{month} {year}', f'{r.choice(DAYS)}, {month} {day}'])


def number(r):
    kind = r.randrange(8)
    if kind == 0:
        return str(r.randrange(2, 21))
    if kind == 1:
        return str(r.randrange(21, 1000))
    if kind == 2:
        return f'{r.randrange(1, 1000)},{r.randrange(1000):03}'
    if kind == 3:
        return f'{r.randrange(1, 100)},{r.randrange(1000):03},{r.randrange(1000):03}'
    if kind == 4:
        return f'{r.randrange(100)}.{r.randrange(1, 10)}'
    if kind == 5:
        return f'{r.randrange(2, 100)} thousand'
    if kind == 6:
        return f'{r.randrange(2, 20)} hundred'
    return r.choice('seven twelve nineteen thirty-two forty-five sixty-eight ninety-nine'.split())


def sentence(r):
    c = r.choice
    name, other = r.sample(NAMES, 2)
    forms = [
        lambda: f'{name} {c(PAST)} the {c(ADJECTIVES)} {c(THINGS)} near {c(PLACES)}.',
        lambda: f'On {date(r)}, {name} {c(SURNAMES)} moved to {c(CITIES)}.',
        lambda: f'The {c(THINGS)} costs {money(r)}, but the {c(THINGS)} is only {money(r)}.',
        lambda: f'We counted {number(r)} {c(PLURALS)} behind {c(PLACES)}.',
        lambda: f'"I was {c(FEELINGS)}," said {name}, "because the {c(JOBS)} {c(PAST)} my {c(THINGS)}."',
        lambda: f'Why did the {c(JOBS)} {c(BASE)} {number(r)} {c(PLURALS)}?',
        lambda: f'{name} and {other} were {c(ING)} {c(PLURALS)} until {r.randrange(1, 13)} o\'clock.',
        lambda: f'In {r.randrange(1650, 2030)}, {c(CITIES)} had {number(r)} {c(PLURALS)} and {number(r)} {c(PLURALS)}.',
        lambda: f'Dr. {c(SURNAMES)} teaches {c(SCIENCE)} and {c(SCIENCE)} in {c(CITIES)}.',
        lambda: f'Mr. {c(SURNAMES)} and Mrs. {c(SURNAMES)} {c(ADVERBS)} {c(PAST)} their neighbour\'s {c(THINGS)}.',
        lambda: f'About {r.randrange(2, 100)}% of the {c(PLURALS)} were {c(ADJECTIVES)}; the others weren\'t.',
        lambda: f'It\'s {c(ADVERBS)} true that {c(SCIENCE)} explains {c(ADJECTIVES)} {c(PLURALS)}.',
        lambda: f'Don\'t {c(BASE)} the {c(THINGS)}, {name}! It isn\'t yours.',
        lambda: f'They\'ll {c(BASE)} the {ordinal(r.randrange(1, 40))} {c(THINGS)} on {c(DAYS)}.',
        lambda: f'An {c(["old", "empty", "orange", "unusual", "honest", "ugly", "early", "iron", "open"])} {c(THINGS)} stood beside {c(PLACES)}.',
        lambda: f'The {c(["United Kingdom", "European Union", "BBC", "USA", "FBI", "NASA report", "UN", "CEO"])} praised {name}\'s {c(ADJECTIVES)} {c(THINGS)}.',
        lambda: f'If you\'re {c(FEELINGS)}, {c(BASE)} a {c(THINGS)}, an {c(["apple", "onion", "egg", "envelope"])} or the {c(THINGS)}.',
        lambda: f'{c(CITIES)} is {number(r)} miles from {c(CITIES)}, and {number(r)} from {c(CITIES)}.',
        lambda: f'She {c(ADVERBS)} {c(PAST)} it; however, {name} couldn\'t {c(BASE)} anything {c(["in", "at", "near", "behind"])} {c(PLACES)}.',
        lambda: f'The {c(["1920s", "1960s", "1980s", "1990s"])} were {c(ADJECTIVES)} years for every {c(JOBS)} in {c(CITIES)}.',
        lambda: f'My {c(JOBS)} (a {c(ADJECTIVES)} {c(["man", "woman", "person"])}) {c(PAST)} {number(r)} {c(PLURALS)} on {date(r)}.',
        lambda: f'{name} paid {money(r)} for {number(r)} {c(PLURALS)} and {money(r)} for the {c(THINGS)}.',
        lambda: f'Chapter {r.randrange(1, 40)} is about {c(SCIENCE)}, {c(SCIENCE)} and {c(SCIENCE)}.',
        lambda: f'The temperature fell to -{r.randrange(1, 40)} degrees, and {c(PLACES)} was {c(ADJECTIVES)}.',
        lambda: f'{name} finished {ordinal(r.randrange(1, 60))}, {r.randrange(2, 60)}.{r.randrange(10)} seconds behind {other}.',
        lambda: f'The {c(ADJECTIVES)}, {c(ADJECTIVES)} {c(THINGS)} belongs to the {c(JOBS)}\'s {c(["brother", "sister", "cousin", "uncle"])}.',
        lambda: f'{c(ING).capitalize()} {c(PLURALS)} is {c(["harder", "easier", "slower", "cheaper"])} than {c(ING)} {c(PLURALS)}.',
        lambda: f'What a {c(ADJECTIVES)} {c(THINGS)} — {c(ADVERBS)} {c(PAST)}, too!',
    ]
    return c(forms)()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--count', type=int, default=1200)
    parser.add_argument('--seed', type=int, default=7)
    options = parser.parse_args()
    r = random.Random(options.seed)
    lines = pathlib.Path(__file__).with_name('prose.txt').read_text(encoding='utf-8').splitlines()
    seen = set(lines)
    while len(lines) < options.count:
        line = sentence(r)
        if line not in seen:
            seen.add(line)
            lines.append(line)
    print('\n'.join(lines[:options.count]))


if __name__ == '__main__':
    main()
