"""Files made at random, read by us and by Python's csv module.

    random_csv.py RECORDS [N [SEED]]    RECORDS: the program of records.c

Each of the N files (200,000) is either read as csv.reader reads it, to the
byte, each record on its right line; or refused, with the line that the rules of
csv/reader.h blame.  These rules are written down once more here, in `refused`,
for files: csv.reader lets some things pass that we do not, such as a quote in
an unquoted field.  Ends with the number of files read and of files refused;
prints the first file that is not as it should be and exits 1.
"""
import csv
import random
import struct
import subprocess
import sys
import tempfile

PLAIN = ["a", "7", "12", "0", " ", "-1", ".5", "x y", "abcdefgh", "1e5"]
LETTERS = ["é", "漢", "🙂", "ß", "\u0301", "\ufeff"]
QUOTED = ['""', ",", "\n", "\r\n", "\r", "", "\n\n"]
BROKEN = [b'"', b"\r", b"\xff", b"\xc3", b'"x', b'x"y', b'"a"b', b"\r\r",
          b"\0", b"\xed\xa0\x80", b'""', b"\n"]


def plain(r, taste):
    return "".join(r.choice(LETTERS if taste["unicode"] and r.random() < .3
                            else PLAIN) for _ in range(r.randrange(4)))


def cell(r, taste):
    if not (taste["quotes"] and r.random() < .35):
        text = plain(r, taste)
    else:
        text = '"' + "".join(r.choice(QUOTED) + plain(r, taste)
                             for _ in range(r.randrange(4))) + '"'
    text = text.encode()
    if taste["broken"] and r.random() < .03:
        text += r.choice(BROKEN)
    return text


def end(r, taste):
    newline = b"\r\n" if taste["crlf"] and r.random() < .9 else b"\n"
    while taste["blanks"] and r.random() < .3:
        newline += b"\r\n" if taste["crlf"] else b"\n"
    return newline


def make(r):
    taste = {name: r.random() < share for name, share in
             {"crlf": .3, "quotes": .6, "unicode": .3, "ragged": .2,
              "broken": .25, "blanks": .3}.items()}
    columns = 1 + r.randrange(1 + r.randrange(9))
    out = b"\xef\xbb\xbf" if r.random() < .1 else b""
    out += b",".join(b'"c%d"' % i if taste["quotes"] and r.random() < .5
                     else b"c%d" % i for i in range(columns))
    if r.random() < .02:
        out = b""
    for _ in range(r.randrange(14)):
        n = columns
        if taste["ragged"] and r.random() < .1:
            n = max(1, n + r.choice([-1, 1]))
        out += end(r, taste) + b",".join(cell(r, taste) for _ in range(n))
    return out + (end(r, taste) if r.random() < .7 else b"")


def quoting(line, state):
    """(state behind the line, whether a record ends, whether it is wrong)."""
    ends = 0
    for i, c in enumerate(line):
        if state == "quoted":
            state = "quote" if c == '"' else "quoted"
        elif c == '"':
            if state == "begin":
                state = "quoted"
            elif state == "quote":
                state = "quoted"
            else:
                return state, ends, True
        elif c == ",":
            state = "begin"
        elif c == "\n" or (c == "\r" and line[i:] == "\r\n"):
            state, ends = "begin", True
        elif c == "\r" or state == "quote":
            return state, ends, True
        else:
            state = "plain"
    return state, ends, False


def refused(text):
    """The line to blame, or None: bytes, quotes and line ends only."""
    state, start = "begin", None
    lines = text.split(b"\n")
    lines = [line + b"\n" for line in lines[:-1]] + lines[-1:] * bool(lines[-1])
    for number, line in enumerate(lines, 1):
        if number == 1 and line.startswith(b"\xef\xbb\xbf"):
            line = line[3:]
        start = start or number
        try:
            decoded = line.decode()
        except UnicodeDecodeError:
            return number if b"\0" not in line else number
        if "\0" in decoded:
            return number
        state, ends, wrong = quoting(decoded, state)
        if wrong:
            return start
        if ends:
            start = None
    return start if state == "quoted" else None


def by_python(text):
    """Records with their lines, and the line to blame (0 none, None: fine)."""
    bad = refused(text)
    if text.startswith(b"\xef\xbb\xbf"):
        text = text[3:]
    lines = text.decode("utf-8", "surrogateescape").split("\n")
    lines = [line + "\n" for line in lines[:-1]] + lines[-1:] * bool(lines[-1])
    if bad:
        lines = lines[:bad - 1]
    reader = csv.reader(iter(lines), strict=True)
    records, last, width = [], 0, None
    try:
        for row in reader:
            first, last = last + 1, reader.line_num
            if not row and width is None:
                continue
            if not row and width > 1:
                continue
            row = row or [""]
            if width is None:
                if len(set(row)) < len(row):
                    return records, first
                width, first = len(row), 0
            if len(row) != width:
                return records, first
            records.append((first, row))
    except csv.Error:
        if not bad: # a record that goes on behind the line to blame
            raise
    if bad or len(records) < 2:
        return records, bad or 0
    return records, None


class Answers:
    def __init__(self, stream):
        self.stream = stream

    def number(self):
        return struct.unpack("=I", self.stream.read(4))[0]

    def file(self):
        records = []
        for _ in range(self.number()):
            line = self.number()
            records.append((line, [self.stream.read(self.number()).decode()
                                   for _ in range(self.number())]))
        failed, line = self.number(), self.number()
        return records, line if failed else None


def main():
    program, n = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 200000
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    r, read = random.Random(seed), 0
    with tempfile.TemporaryFile() as files, tempfile.TemporaryFile() as out:
        for _ in range(n):
            text = make(r)
            files.write(struct.pack("=I", len(text)) + text)
        files.seek(0)
        subprocess.run([program], stdin=files, stdout=out, check=True)
        files.seek(0)
        out.seek(0)
        answers = Answers(out)
        for i in range(n):
            text = files.read(struct.unpack("=I", files.read(4))[0])
            ours, theirs = answers.file(), by_python(text)
            if ours != theirs:
                print(f"file {i}: {text!r}\nwe:     {ours}\nPython: {theirs}")
                sys.exit(1)
            read += ours[1] is None
    print(f"{n} files as Python reads them: {read} read, {n - read} refused")


main()
