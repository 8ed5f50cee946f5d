"""The menus of a dialogue by USSD as data: at most 160 letters, and what each key leads to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from pos_engine.rules.money import QUANTITY_MILLI_ONE, written
from pos_engine.rules.qris import QrisRefusal
from pos_engine.wire.gsm7 import SEPTETS_MAX, decode, encode
from pos_engine.wire.sms import fitted
from pos_engine.wire.sms_answers import Price, fitting, price_line

SHOP_NAME_SHOWN_MAX = 40
KEYS_READ_MAX = 182  # octets of a USSD string (3GPP TS 23.038 §5)


class Screen(StrEnum):
    """Where a dialogue is."""

    MAIN = "MAIN"
    BALANCE = "BALANCE"
    CONFIRM = "CONFIRM"
    NOTHING_WAITS = "NOTHING_WAITS"
    PRICES = "PRICES"
    REPORT = "REPORT"
    PAY = "PAY"  # she said yes: the engine pays, and the dialogue ends
    REFUSE = "REFUSE"  # she said no: the request ends, a complaint is opened
    REPORTED = "REPORTED"
    END = "END"


@dataclass(frozen=True, slots=True)
class Menu:
    """A text with room for `{said}`, and the next screen of each key. No key: the end."""

    text: str
    keys: Mapping[str, Screen]


def _menu(text: str, **keys: Screen) -> Menu:
    return Menu(text, MappingProxyType({name.removeprefix("key"): to for name, to in keys.items()}))


_BACK = {"key9": Screen.MAIN, "key0": Screen.END}
MENUS: Mapping[Screen, Menu] = MappingProxyType(
    {
        Screen.MAIN: _menu(
            "{said}BPNT\n1 Saldo\n2 Setujui belanja\n3 Harga tertinggi\n4 Lapor\n0 Selesai",
            key1=Screen.BALANCE,
            key2=Screen.CONFIRM,
            key3=Screen.PRICES,
            key4=Screen.REPORT,
            key0=Screen.END,
        ),
        Screen.BALANCE: _menu("{said}\n9 Menu\n0 Selesai", **_BACK),
        Screen.CONFIRM: _menu(
            "{said}\n1 Setuju bayar\n2 Bukan saya\n0 Nanti",
            key1=Screen.PAY,
            key2=Screen.REFUSE,
            key0=Screen.END,
        ),
        Screen.NOTHING_WAITS: _menu(
            "Tidak ada belanja yang menunggu. Sebutkan nomor HP Anda ke kasir.\n9 Menu\n0 Selesai",
            **_BACK,
        ),
        Screen.PRICES: _menu("{said}\n1 Lagi\n9 Menu\n0 Selesai", key1=Screen.PRICES, **_BACK),
        Screen.REPORT: _menu(
            "Laporkan belanja terakhir atas nama Anda?\n1 Ya, laporkan\n9 Menu\n0 Selesai",
            key1=Screen.REPORTED,
            **_BACK,
        ),
        Screen.PAY: _menu("{said}"),
        Screen.REFUSE: _menu("{said}"),
        Screen.REPORTED: _menu("{said}"),
        Screen.END: _menu("Terima kasih."),
    }
)
WRONG_KEY = "Pilihan tidak ada. "
OTHER_NUMBER = "Sambungan ini bukan milik nomor Anda. Ulangi dari awal."
TOO_LONG = "Sambungan terlalu lama. Ulangi dari awal."
BUSY = "Layanan sedang sibuk. Ulangi sebentar lagi."
UNCLEAR = "Belum pasti sudah dibayar. Tanyakan ke kasir sebelum mengulang."
NOT_PAID: Mapping[QrisRefusal, str] = MappingProxyType(
    {
        QrisRefusal.BASKET_EXPIRED: "Waktunya habis. Minta kasir menanyakan lagi ke HP Anda.",
        QrisRefusal.BASKET_NOT_LAWFUL: "Ada barang atau harga yang belum sesuai. Periksa di kasir.",
        QrisRefusal.PAID_ALREADY: "Belanja ini sudah dibayar.",
    }
)
NOT_THERE = "Belanja ini tidak ada lagi. Tanyakan ke kasir."


def room(screen: Screen) -> int:
    """How many letters may be said on a screen besides its menu."""
    return SEPTETS_MAX - len(MENUS[screen].text.format(said=""))


def shown(screen: Screen, said: str = "") -> str:
    """The text of a screen: at most 160 letters of the phone's alphabet, the menu never cut."""
    plain = decode(encode(said))[: room(screen)]
    while len(encode(plain)) > room(screen):  # letters that take two places
        plain = plain[:-1]
    return MENUS[screen].text.format(said=plain)


def ends(screen: Screen) -> bool:
    """Is nothing asked any more."""
    return not MENUS[screen].keys


def chosen(screen: Screen, typed: str) -> Screen | None:
    """Where a key leads from here; None when there is no such key."""
    return MENUS[screen].keys.get(typed[:KEYS_READ_MAX].strip())


def waiting_text(amount: int, shop_name: str, goods: Sequence[str]) -> str:
    """The basket that waits: sum, shop, and as many of its goods as there is room for."""
    head = f"{written(amount)} di {fitted(shop_name, SHOP_NAME_SHOWN_MAX)}: "
    return fitting(head, goods, ", ", room(Screen.CONFIRM))


def quantity_text(name: str, quantity_milli: int, unit: str) -> str:
    """`Beras medium 2,5 kg`."""
    whole, part = divmod(quantity_milli, QUANTITY_MILLI_ONE)
    decimals = f"{part:03d}".rstrip("0")
    return f"{name} {whole}{',' if decimals else ''}{decimals} {unit}"


def paid_text(amount: int, shop_name: str, balance_after: int) -> str:
    """She agreed and it is paid."""
    shop = fitted(shop_name, SHOP_NAME_SHOWN_MAX)
    return f"LUNAS {written(amount)} di {shop}. Sisa bantuan {written(balance_after)}."


def prices_page(prices: Sequence[Price], page: int) -> tuple[str, int]:
    """A page of ceilings, and the next page; after the last one the first."""
    start = page if page < len(prices) else 0
    lines = [price_line(each) for each in prices[start:]]
    text = fitting("Harga tertinggi:\n", lines, "\n", room(Screen.PRICES))
    return text, start + max(text.count("\n"), 1)
