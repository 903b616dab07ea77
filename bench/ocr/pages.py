#!/usr/bin/env python3
"""Makes test pages for reading: printed letters, tables, columns, receipts, scans that lie askew, light on dark. Needs Pillow.

    python3 bench/ocr/pages.py FOLDER [--count 40] [--seed 1] [--varied]

Writes NAME.png or .jpg and NAME.txt, its lines from the top to the bottom. The same seed makes the same pages. Varied: each is scaled
to a size of its own, by 0.3 to 1.6 in each direction.
"""
import argparse
import random
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

FONTS = Path("/usr/share/fonts/truetype/dejavu")
FACES = ["DejaVuSans.ttf", "DejaVuSerif.ttf", "DejaVuSansMono.ttf", "DejaVuSans-Bold.ttf", "DejaVuSerif-Bold.ttf"]
SENTENCES = (Path(__file__).resolve().parent.parent / "intelligibility" / "sentences.txt").read_text(encoding="utf-8").splitlines()


class Page:
    """A sheet that remembers what was printed on it."""

    def __init__(self, width: int, height: int, paper=(255, 255, 255), ink=(15, 15, 20)):
        self.image = Image.new("RGB", (width, height), paper)
        self.draw = ImageDraw.Draw(self.image)
        self.ink = ink
        self.lines: list[str] = []

    def put(self, x: int, y: int, text: str, face: ImageFont.FreeTypeFont) -> None:
        self.draw.text((x, y), text, font=face, fill=self.ink)
        self.lines.append(text)


def font(name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONTS / name), size)


def wrap(text: str, face: ImageFont.FreeTypeFont, width: int) -> list[str]:
    lines, line = [], ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if face.getlength(longer) > width and line:
            lines.append(line)
            line = word
        else:
            line = longer
    return lines + [line] if line else lines


def prose(draw: random.Random, count: int) -> str:
    return " ".join(draw.sample(SENTENCES, count))


def letter(draw: random.Random) -> Page:
    width = draw.choice([1240, 1000, 1654, 850])
    page = Page(width, int(width * 1.414))
    margin, size = width // 10, max(16, width // draw.randint(46, 62))
    face = font(draw.choice(FACES[:3]), size)
    y = margin
    page.put(margin, y, draw.choice(SENTENCES)[:30].strip(), font(draw.choice(FACES[3:]), int(size * 1.7)))
    y += int(size * 3.2)
    step = int(size * draw.choice([1.5, 1.6]))
    for line in wrap(prose(draw, 14), face, width - 2 * margin)[: draw.randint(14, 22)]:
        if y + step > page.image.height - margin // 2:
            break
        page.put(margin, y, line, face)
        y += step
    return page


def table(draw: random.Random) -> Page:
    page = Page(1240, 900)
    face = font(draw.choice(FACES[:3]), 26)
    columns = [80, 520, 760, 1000]
    y = 80
    for x, name in zip(columns, ["Article", "Quantity", "Price", "Total"]):
        page.put(x, y, name, font("DejaVuSans-Bold.ttf", 26))
    for _ in range(draw.randint(8, 13)):
        y += 54
        page.draw.line((70, y - 10, 1180, y - 10), fill=(170, 170, 170), width=1)
        words = draw.choice(SENTENCES).rstrip(".").split()
        quantity, price = draw.randint(1, 99), draw.randint(100, 99999) / 100
        for x, cell in zip(columns, [" ".join(words[1:4]), str(quantity), f"{price:.2f}", f"{quantity * price:,.2f}"]):
            page.put(x, y, cell, face)
    return page


def columns(draw: random.Random) -> Page:
    page = Page(1400, 1100)
    face = font("DejaVuSerif.ttf", 24)
    left = wrap(prose(draw, 9), face, 560)
    right = wrap(prose(draw, 9), face, 560)
    for i, pair in enumerate(list(zip(left, right))[:20]):
        page.put(90, 90 + i * 44, pair[0], face)
        page.put(740, 90 + i * 44, pair[1], face)
    return page


def receipt(draw: random.Random) -> Page:
    page = Page(420, 980, paper=(248, 246, 240))
    face = font("DejaVuSansMono.ttf", 18)
    y = 30
    for _ in range(draw.randint(14, 20)):
        word = (draw.choice(SENTENCES).split() * 3)[2].strip(".,;")
        page.put(24, y, f"{word[:14]:<18}{draw.randint(1, 9)} x {draw.randint(99, 4999) / 100:>6.2f}", face)
        y += 42
    return page


def askew(draw: random.Random) -> Page:
    page = letter(draw)
    turned = page.image.rotate(draw.uniform(-4, 4), resample=Image.Resampling.BICUBIC, expand=True, fillcolor=(255, 255, 255))
    page.image = turned.filter(ImageFilter.GaussianBlur(0.6))
    return page


def dark(draw: random.Random) -> Page:
    page = Page(1100, 700, paper=(24, 26, 33), ink=(225, 228, 235))
    face = font("DejaVuSansMono.ttf", 22)
    for i, line in enumerate(wrap(prose(draw, 7), face, 960)[:13]):
        page.put(60, 50 + i * 44, line, face)
    return page


def upside_down(draw: random.Random) -> Page:
    page = letter(draw)
    page.image = page.image.rotate(180)
    page.lines.reverse()
    return page


def single_line(draw: random.Random) -> Page:
    face = font(draw.choice(FACES), draw.randint(20, 40))
    text = draw.choice(SENTENCES)
    page = Page(int(face.getlength(text)) + 40, face.size + 24)
    page.put(20, 8, text, face)
    return page


def photo(draw: random.Random) -> Page:
    page = letter(draw)
    shade = Image.linear_gradient("L").resize(page.image.size).point(lambda v: 150 + v * 105 // 255)
    page.image = Image.composite(page.image, Image.new("RGB", page.image.size, (70, 66, 60)), shade)
    page.image = page.image.filter(ImageFilter.GaussianBlur(0.8))
    return page


KINDS = [letter, table, columns, letter, receipt, askew, dark, letter, photo, single_line, upside_down]


def scaled(draw: random.Random, image: Image.Image) -> Image.Image:
    width, height = (max(40, int(side * draw.uniform(0.3, 1.6))) for side in image.size)
    return image.resize((width, height), Image.Resampling.BILINEAR)


def make_pages(folder: Path, count: int, seed: int, varied: bool = False) -> list[Path]:
    draw = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for i in range(count):
        kind = KINDS[i % len(KINDS)]
        page = kind(draw)
        path = folder / f"{i:03d}-{kind.__name__}.{'jpg' if kind in (photo, askew) else 'png'}"
        if varied:
            page.image = scaled(draw, page.image)
        page.image.save(path, quality=85)
        path.with_suffix(".txt").write_text("\n".join(page.lines) + "\n", encoding="utf-8")
        paths.append(path)
    return paths


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path)
    options.add_argument("--count", type=int, default=40)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--varied", action="store_true")
    arguments = options.parse_args()
    for made in make_pages(arguments.folder, arguments.count, arguments.seed, arguments.varied):
        print(made)
