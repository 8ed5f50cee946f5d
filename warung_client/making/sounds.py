"""Makes the till's clips with espeak-ng and opusenc: `python -m warung_client.making.sounds`.

Placeholders: a recorded voice under the same names replaces them, nothing else changes.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from warung_client import ASSETS

FOLDER = ASSETS / "sounds"
VOICE, WORDS_A_MINUTE, PITCH = "id", 150, 45
KBIT = 16
ALL_BYTES_MAX = 96 * 1024
NUMBERS = (
    "nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan",
    "sepuluh", "sebelas", "belas", "puluh", "seratus", "ratus", "seribu", "ribu", "juta", "rupiah",
)  # fmt: skip
SAID = {
    **{name: name for name in NUMBERS},
    "jumlah-belanja": "jumlah belanja",
    "sisa-saldo": "sisa saldo",
    "disetujui": "disetujui",
    "dicatat": "dicatat, menunggu sinyal",
    "belum-bisa": "belum bisa",
    "silakan-coba": "silakan coba cara lain",
    "terima-kasih": "terima kasih",
    # before the camera
    "mendekat": "mendekat sedikit",
    "mundur": "mundur sedikit",
    "terlalu-gelap": "terlalu gelap",
    "terlalu-terang": "terlalu terang",
    "lihat-lurus": "lihat lurus ke kamera",
    "satu-orang": "satu orang saja",
    "tahan-sebentar": "tahan sebentar",
    "tengok-sedikit": "tengok sedikit",
}


def make(folder: Path) -> int:
    """Write every clip into the folder; the sum of their bytes."""
    missing = [tool for tool in ("espeak-ng", "opusenc") if shutil.which(tool) is None]
    if missing:
        sys.exit(f"Install {' and '.join(missing)}:  apt-get install -y espeak-ng opus-tools")
    folder.mkdir(exist_ok=True)
    with TemporaryDirectory() as scratch:
        for name, words in SAID.items():
            wave = Path(scratch) / f"{name}.wav"
            speak = ["espeak-ng", "-v", VOICE, "-s", str(WORDS_A_MINUTE), "-p", str(PITCH), "-z"]
            subprocess.run([*speak, "-w", wave, words], check=True)  # noqa: S603 - our own words
            pack = ["opusenc", "--quiet", "--bitrate", str(KBIT), "--framesize", "60", "--speech"]
            quiet = ["--discard-comments", "--padding", "0", "--serial", "1"]
            subprocess.run([*pack, *quiet, wave, folder / f"{name}.opus"], check=True)  # noqa: S603
    return sum(path.stat().st_size for path in folder.glob("*.opus"))


if __name__ == "__main__":
    total = make(FOLDER)
    print(f"{len(SAID)} clips, {total} bytes")  # noqa: T201 - a script for people
    if total > ALL_BYTES_MAX:
        sys.exit("more than the tablet's budget")
