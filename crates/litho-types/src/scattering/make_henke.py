"""Pack the 92 Henke/CXRO tables (*.nff, public domain) into henke.bin.

Usage:  python make_henke.py FOLDER_WITH_NFF henke.bin

Source: B. L. Henke, E. M. Gullikson, J. C. Davis, At. Data Nucl. Data Tables 54, 181 (1993), with the
later updates listed in the tables' own read.me (the newest of August 2023).

Layout of henke.bin, all integers little-endian:
  8 bytes        magic "HENKE-02"
  92 x 8 bytes   for Z = 1..92: u32 offset of the element's data from the start of the file, u32 row count
  then for each element three columns one after another: energy (eV), f1, f2. A column is its values as f32
  bit patterns b[i], of which the second difference b[i] - 2 b[i-1] + b[i-2] (modulo 2^32, b[-1] = b[-2] = 0)
  is stored zigzag-coded (0, -1, 1, -2 ... -> 0, 1, 2, 3 ...) in LEB128 bytes. On the tables' logarithmic
  grid the bit pattern is nearly linear in the row number, so most entries take one to three bytes.
f1 is -9999 where the table has no value, as in the source. The source gives six digits, which f32 holds:
the shortest decimal that reads back as the same f32 is the number of the source.
Energies rise strictly; the few rows of the source that do not are mended as `mend` says.
"""

import struct
import sys
from pathlib import Path

MAGIC = b"HENKE-02"
SYMBOLS = (
    "H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr "
    "Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu "
    "Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U"
).split()


def read(path):
    """Rows (energy, f1, f2) of one table as written."""
    return [tuple(float(t) for t in line.split()) for line in path.read_text().splitlines()[1:] if line.strip()]


def mend(symbol, rows):
    """Make the energies rise strictly.

    Mg (10.3, 10.5, 10.7 eV) and Pt (6.199 eV) have two rows at one energy where two data sets meet: the
    second is kept. Si has its rows 1838.9 and 1839.0 eV in the wrong order, with f2 rising 0.37, 2.27, 4.16
    through the K edge in row order: the two energies are exchanged, not the rows. Cr has one row, 5989.12 eV,
    with f2 = 0.0905 between 0.4647 and 0.4668 just below its K edge: it is left out.
    """
    if symbol == "Cr":
        rows = [row for row in rows if row[::2] != (5989.12, 0.0905398)]
    if symbol == "Si":
        i = next(i for i in range(1, len(rows)) if rows[i][0] < rows[i - 1][0])
        assert (rows[i - 1][0], rows[i][0]) == (1839.0, 1838.9), rows[i]
        rows[i - 1 : i + 1] = [(rows[i][0], *rows[i - 1][1:]), (rows[i - 1][0], *rows[i][1:])]
    kept = [row for row, after in zip(rows, rows[1:] + [(float("inf"),)]) if row[0] != after[0]]
    assert len(rows) - len(kept) == {"Mg": 3, "Pt": 1}.get(symbol, 0), (symbol, len(rows), len(kept))
    assert all(a[0] < b[0] for a, b in zip(kept, kept[1:])), symbol
    return kept


def pack(values):
    """One column as zigzag LEB128 second differences of f32 bit patterns."""
    out, before, step = bytearray(), 0, 0
    for value in values:
        raw = struct.pack("<f", value)
        assert float(f"{struct.unpack('<f', raw)[0]:.6g}") == value, value
        bits = struct.unpack("<I", raw)[0]
        change = (bits - before - step) % 2**32
        step, before = (bits - before) % 2**32, bits
        signed = change - 2**32 if change >= 2**31 else change
        coded = (signed << 1 ^ signed >> 31) % 2**32
        while coded >= 0x80:
            out.append(coded & 0x7F | 0x80)
            coded >>= 7
        out.append(coded)
    return bytes(out)


def main(folder, target):
    """Read every table, write the packed file."""
    start, directory, data = len(MAGIC) + 8 * len(SYMBOLS), b"", b""
    for symbol in SYMBOLS:
        rows = mend(symbol, read(Path(folder) / f"{symbol.lower()}.nff"))
        directory += struct.pack("<II", start + len(data), len(rows))
        data += b"".join(pack(column) for column in zip(*rows))
    Path(target).write_bytes(MAGIC + directory + data)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
