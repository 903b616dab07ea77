"""Sound files and PDFs for the tests, made while they run: by PyAV and Pillow, and where a file has to be wrong or is hours long, by hand."""

import io
import os
import pathlib
import struct
import tempfile
import zlib

import av
from PIL import Image, ImageDraw, ImageFont

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
JFK = CACHE / "hearth-build/deps/whisper/samples/jfk.wav"


def recode(sound, container, codec, rate=None, layout=None, video=False, options=None):
    """The sound of a file in another container, with a grey moving picture beside it where `video` says so."""
    source = av.open(io.BytesIO(sound))
    file = tempfile.NamedTemporaryFile()  # some containers are written twice
    target = av.open(file.name, "w", format=container, options=options or {})
    stream = target.add_stream(codec, rate=rate or 48_000)
    if codec == "wmav2":
        stream.bit_rate = 128_000
    if layout:
        stream.layout = layout
    if video:
        picture = target.add_stream("mpeg4", rate=5)
        picture.width = picture.height = 64
        picture.pix_fmt = "yuv420p"
        for _ in range(10):
            target.mux(picture.encode(av.VideoFrame.from_image(Image.new("RGB", (64, 64), (127, 127, 127)))))
        target.mux(picture.encode())
    resampler = av.AudioResampler(format=stream.format, layout=stream.layout, rate=stream.rate, frame_size=stream.codec_context.frame_size)
    for frame in source.decode(audio=0):
        for part in resampler.resample(frame):
            target.mux(stream.encode(part))
    for part in resampler.resample(None):
        target.mux(stream.encode(part))
    target.mux(stream.encode())
    target.close()
    return pathlib.Path(file.name).read_bytes()


def printed(lines, size=(1240, 1754), letters=40):
    """A page as a scanner sees it: black on white."""
    page = Image.new("L", size, 255)
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(letters)
    for i, line in enumerate(lines):
        draw.text((100, 120 + i * letters * 2), line, fill=0, font=font)
    return page


def png(page):
    out = io.BytesIO()
    page.save(out, "PNG")
    return out.getvalue()


def scanned_pdf(pages, dots_per_inch=150):
    """A PDF of pictures, as scanners make them."""
    out = io.BytesIO()
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:], resolution=dots_per_inch)
    return out.getvalue()


def pdf(objects, root=1, trailer=""):
    """A PDF of these objects, numbered from 1; each is bytes, or a pair of a dictionary and a stream."""
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for i, content in enumerate(objects, 1):
        if isinstance(content, tuple):
            content = content[0].replace(b"LENGTH", b"%d" % len(content[1])) + b"\nstream\n" + content[1] + b"\nendstream"
        places.append(len(out))
        out += b"%d 0 obj\n" % i + content + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(out + b"trailer\n<< /Size %d /Root %d 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, root, trailer.encode(), start))


def written_pdf(pages, box=(595, 842), count=None):
    """A PDF of text, each page a list of lines. Its fonts are not in it."""
    kids = b" ".join(b"%d 0 R" % (4 + 2 * i) for i in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, len(pages) if count is None else count),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for i, lines in enumerate(pages):
        text = b"".join(b"BT /F1 20 Tf 60 %d Td (%s) Tj ET\n" % (760 - 40 * k, line.encode()) for k, line in enumerate(lines))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents %d 0 R /Resources << /Font << /F1 3 0 R >> >> >>" % (*box, 5 + 2 * i)
        )
        objects.append((b"<< /Length LENGTH >>", text))
    return pdf(objects)


def picture_pdf(width, height, data, kind=b"/DeviceGray", bits=8):
    """A page that is one picture, which says that it is as large as it is told to say."""
    return pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 4 0 R /Resources << /XObject << /I 5 0 R >> >> >>",
            (b"<< /Length LENGTH >>", b"q 300 0 0 300 0 0 cm /I Do Q"),
            (
                b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace %s /BitsPerComponent %d /Filter /FlateDecode /Length LENGTH >>"
                % (width, height, kind, bits),
                zlib.compress(data, 9),
            ),
        ]
    )


def looping_pdf():
    """Its tree of pages has itself below itself."""
    return pdf([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R 3 0 R] /Count 4 >>", b"<< /Type /Pages /Kids [2 0 R] /Parent 2 0 R /Count 2 >>"])


def drawing_itself_pdf():
    """A form that draws itself, eight times over, down to the depth at which a reader gives up."""
    calls = b"/X Do " * 8
    return pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 4 0 R /Resources << /XObject << /X 5 0 R >> >> >>",
            (b"<< /Length LENGTH >>", calls),
            (b"<< /Type /XObject /Subtype /Form /BBox [0 0 300 300] /Resources << /XObject << /X 5 0 R >> >> /Length LENGTH >>", calls),
        ]
    )


def locked_pdf():
    """Encrypted with a password that nobody has (RC4, 40 bits): only the check of the empty one has to fail."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] >>",
        b"<< /Filter /Standard /V 1 /R 2 /O <" + b"11" * 32 + b"> /U <" + b"22" * 32 + b"> /P -4 >>",
    ]
    return pdf(objects, trailer="/Encrypt 4 0 R /ID [<00112233> <00112233>]")


BLOCK = 4096  # samples of a FLAC's frame


def check_table(polynomial, bits):
    table = []
    for value in range(256):
        value <<= bits - 8
        for _ in range(8):
            value = value << 1 ^ (polynomial if value >> bits - 1 else 0)
            value &= (1 << bits) - 1
        table.append(value)
    return table


def check_of(table, bits, data):
    """A cyclic redundancy check, highest bit first."""
    value, mask = 0, (1 << bits) - 1
    for byte in data:
        value = (value << 8 & mask) ^ table[value >> bits - 8 ^ byte]
    return value.to_bytes(bits // 8, "big")


def quiet_flac(seconds, clips):
    """A FLAC of 16 kHz, mono, silent but for `clips`, {second: samples}; a clip begins up to a quarter of a second early, with a frame. A silent
    frame is a single number, so that hours are made in a moment and are some hundred kilobytes. Format: RFC 9639."""
    rate = 16_000
    count = seconds * rate
    spoken = {}
    for second, samples in clips.items():
        for i in range(0, len(samples), BLOCK):
            spoken[(second * rate + i) // BLOCK] = samples[i : i + BLOCK] + [0] * (i + BLOCK - len(samples))
    short, long = check_table(0x07, 8), check_table(0x8005, 16)
    out = bytearray(b"fLaC\x80\0\0\x22" + struct.pack(">HH6xQ16x", BLOCK, BLOCK, rate << 44 | 15 << 36 | count))
    for number in range(-(-count // BLOCK)):
        size = min(BLOCK, count - number * BLOCK)
        # 16 bits tell the size, 16 kHz, one channel, 16 bits a sample.
        head = b"\xff\xf8\x75\x08" + chr(number).encode("utf-8", "surrogatepass") + struct.pack(">H", size - 1)
        head += check_of(short, 8, head)
        samples = spoken.get(number)
        frame = head + (b"\x02" + struct.pack(f">{size}h", *samples[:size]) if samples else b"\0\0\0")
        out += frame + check_of(long, 16, frame)
    return bytes(out)
