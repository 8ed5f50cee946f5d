"""Registry files of made-up people, with planted doubles and near misses."""

import random
from datetime import date, timedelta

HEAD = "family_id,no_kk,nik,name,birth_date,sex,role,region,home_shop,msisdn,programme,status"
VILLAGE = "35.07.13.2001"
_FIRST = (
    "SITI SRI DEWI NUR ENDANG WAHYU RATNA YOSINA MARIA KARTINI LESTARI AMINAH RUKMINI SUPARTI "
    "YULIANA AGUS SLAMET HASAN YAKOB BAMBANG TONO JOKO EKO DWI TRI RINI YANTI BUDI SUMIATI JUMIATI "
    "PAINEM NGATINI KASMIRAH SUTRISNO MULYADI ROHMAN FATIMAH KHADIJAH ZULAIKHA MUHAMMAD ABDUL AHMAD"
)
_LAST = (
    "WAHYUNI LESTARI RAHAYU AISYAH PURWANTI HANDAYANI WULANDARI TABUNI SULASTRI KOGOYA HIDAYAH "
    "UTAMI MULYANI SUSANTI KUSUMA PRATIWI SETIAWAN GUNAWAN HALIMAH ROHANI SAPUTRA NINGSIH MARYAM "
    "KARIM HAMID SYAHPUTRA MARDIANA NURJANAH ASTUTI WIDODO HARTONO SUBAGYO PERMATA ANGGRAINI"
)

FIRST, LAST = _FIRST.split(), _LAST.split()


def nik(region: str, born: date, sex: str, serial: int) -> str:
    day = born.day + (40 if sex == "P" else 0)
    return f"{region[:8].replace('.', '')}{day:02d}{born:%m%y}{serial:04d}"


def a_row(family: str = "F-1", **changes: str) -> str:
    born = date(1980, 8, 15)
    row = {
        "family_id": family,
        "no_kk": "",
        "nik": nik(VILLAGE, born, "P", 77),
        "name": "Sri Rahayu",
        "birth_date": born.isoformat(),
        "sex": "P",
        "role": "PENGURUS",
        "region": VILLAGE,
        "home_shop": "",
        "msisdn": "",
        "programme": "BPNT",
        "status": "AKTIF",
    } | changes
    return ",".join(row[name] for name in HEAD.split(","))


def a_file(*rows: str, head: str = HEAD) -> bytes:
    return ("\n".join([head, *rows]) + "\n").encode()


def misspelt(name: str, rng: random.Random) -> str:
    """The same name as another clerk writes it."""
    words = name.split()
    ways = ["drop", "double", "swap", "order", "title", "old", "initial", "join", "short", "change"]
    way = rng.choice(ways)
    at = max(range(len(words)), key=lambda n: len(words[n]))
    word = words[at]
    place = rng.randrange(1, len(word) - 1)
    if way == "drop":
        words[at] = word[:place] + word[place + 1 :]
    elif way == "double":
        words[at] = word[:place] + word[place] + word[place:]
    elif way == "swap":
        words[at] = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    elif way == "change":
        words[at] = word[:place] + rng.choice("AEIOU") + word[place + 1 :]
    elif way == "order":
        words.reverse()
    elif way == "title":
        words.insert(0, rng.choice(["HJ.", "NY.", "IBU", "BPK"]))
    elif way == "old":
        words = [each.replace("U", "OE").replace("C", "TJ") for each in words]
    elif way == "initial" and len(words) > 2:
        words[1] = words[1][0] + "."
    elif way == "join":
        words = ["".join(words)]
    else:
        words = [{"MUHAMMAD": "MOCH.", "SITI": "ST.", "ABDUL": "ABD."}.get(w, w) for w in words]
    return " ".join(words)


def mistyped(born: date, rng: random.Random) -> date:
    """The same day as another clerk types it; most get it right."""
    way = rng.random()
    if way < 0.8:
        return born
    if way < 0.9 and born.day <= 12:
        return born.replace(month=born.day, day=born.month)
    return born.replace(
        year=born.year + rng.choice([-1, 1]) * (1 if born.year % 10 in range(1, 9) else 0)
    )


def people(count: int, rng: random.Random) -> list[tuple[str, date, str]]:
    """Name, birth date, sex."""
    found = []
    for _ in range(count):
        words = [rng.choice(FIRST), rng.choice(LAST)]
        if rng.random() < 0.5:
            words.insert(1, rng.choice(FIRST))
        born = date(1940, 1, 1) + timedelta(days=rng.randrange(25_000))
        found.append((" ".join(words), born, rng.choice("LP")))
    return found
