"""`ewarong demo`: a whole shop on this machine with one command."""

import json
import shutil
import socket
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.panel import Panel

from pos_engine import worker as background
from pos_engine.cli.out import WRONG_USE, console, fail
from pos_engine.cli.serve import quotas_of, uvicorn_options
from pos_engine.cli.tls import ready_files, tls_options
from pos_engine.engine import DEMO, KIND, Settings, open_engine, real_now
from pos_engine.keys import create_key_file
from pos_engine.logs import configure
from pos_engine.rules.ids import new_uuid7
from pos_engine.services.sample import build_sample, write_sample_file
from pos_engine.services.sample_history import build_history
from pos_engine.services.second_factor import code_now
from pos_engine.store import installation
from pos_engine.store.database import UnavailableError, open_database

FOLDER = Path("demo-data")
HOST = "127.0.0.1"
SAMPLE_FILE = "demo.json"


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("demo")(demo)


def demo(
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    *,
    reset: Annotated[bool, typer.Option(help="Start over with fresh data.")] = False,
    tls: Annotated[bool, typer.Option(help="https with a certificate of this machine.")] = False,
    history: Annotated[
        bool, typer.Option(help="Fresh data also gets a month of sales in ten provinces.")
    ] = False,
) -> None:
    """Make a sample shop and serve the till: two shops, 50 families, one face."""
    import uvicorn  # noqa: PLC0415 - the web server loads a second that other commands spare

    from pos_engine.web.app import create_app  # noqa: PLC0415

    _port_must_be_free(port)
    settings = _demo_settings()
    configure(settings.log_level)
    started = time.perf_counter()
    sample_file = settings.data_dir / SAMPLE_FILE
    if reset or not sample_file.exists():  # without the file a build was cut short
        _empty(settings)
    base_url = f"{'https' if tls else 'http'}://{HOST}:{port}"
    sample = _existing(sample_file) if sample_file.exists() else _build(settings, history=history)
    write_sample_file(sample_file, sample, base_url)
    engine = open_engine(settings)

    def on_start() -> Callable[[], None]:
        """Runs when the faces are warm, just before the port opens."""
        console.print(f"Siap dalam {time.perf_counter() - started:.1f} detik.")
        _say_what_to_try(base_url, sample, sample_file)
        return background.start(engine)

    app = create_app(engine, demo_file=sample_file, on_start=on_start, quotas=quotas_of(settings))
    options = uvicorn_options(settings)
    if tls:
        options |= tls_options(ready_files(settings, make=True))
    uvicorn.run(app, host=HOST, port=port, **options)


def _demo_settings() -> Settings:
    chosen = Settings()
    folder = chosen.data_dir if "data_dir" in chosen.model_fields_set else FOLDER
    changes = {
        "data_dir": folder,
        "database_url": "",
        "key_file": None,
        "sms_gateway": "demo",
        "log_level": "warning",
    }
    if "staff_factor" not in chosen.model_fields_set:
        changes["staff_factor"] = "demo"
    return chosen.model_copy(update=changes)


def _port_must_be_free(port: int) -> None:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            fail(f"Port {port} is in use. Try: ewarong demo --port {port + 1}", WRONG_USE)


def _empty(settings: Settings) -> None:
    """Remove the demo's data, and only a demo's: a folder with real keys is never touched."""
    folder = settings.data_dir
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not (folder / "ewarong.db").exists() or not _is_demo(settings):
        fail(
            f"{folder} holds files that are not a demo's: nothing was removed. "
            "Name another folder in EWARONG_DATA_DIR, or move that one away."
        )
    shutil.rmtree(folder)


def _is_demo(settings: Settings) -> bool:
    with closing(open_database(settings.url)) as database:
        try:
            with database.read() as tx:
                return installation.fact(tx, KIND) == DEMO
        except UnavailableError:  # no such table: a database, but not ours
            return False


def _existing(sample_file: Path) -> dict[str, Any]:
    sample: dict[str, Any] = json.loads(sample_file.read_text())
    sample.pop("base_url", None)
    console.print("Memakai data contoh yang ada (mulai baru: --reset).")
    return sample


def _build(settings: Settings, *, history: bool) -> dict[str, Any]:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    if not settings.keys_path.exists():
        create_key_file(settings.keys_path)
    with closing(open_database(settings.url)) as database:
        database.upgrade()
    fresh = settings.model_copy(update={"staff_factor": "required"})  # no demo until it is built
    with closing(open_engine(fresh)) as engine, console.status("Menyiapkan contoh") as status:
        sample = build_sample(engine, lambda step: status.update(f"Menyiapkan {step}"))
        if history:
            status.update("Menyiapkan sebulan belanja di sepuluh provinsi")
            build_history(engine)
        return sample


def _say_what_to_try(base_url: str, sample: dict[str, Any], sample_file: Path) -> None:
    cashier, person = sample["staff"][0], sample["kpm"][0]
    shop = sample["shops"][0]
    console.print(
        Panel.fit(
            f"Kasir     {base_url}/till/\n"
            f"Kemensos  {base_url}/kemensos\n"
            f"HP KPM    {base_url}/saya\n"
            f"SMS       {base_url}/demo/sms\n\n"
            f"{shop['name']}: PIN kasir {cashier['pin']}\n"
            f"KPM contoh: kartu {person['card']}, PIN belanja {person['pin']}, "
            f"HP {person['msisdn']}\n"
            f"{_officer_code(sample)}"
            f"Semua log-in: {sample_file}",
            title="e-warong",
        )
    )
    console.print("Tiga hal untuk dicoba:")
    console.print("1. Buka kasir, pilih Beras medium 5 kg Rp13.400, bayar dengan kartu di atas.")
    console.print("2. Coba Rokok kretek, lalu Beras medium Rp14.000: ditolak dengan alasannya.")
    console.print("3. Satu belanja dengan curl (tempel dua kali: tetap satu belanja):\n")
    typer.echo(_curl(base_url, cashier, person))
    typer.echo("")


def _officer_code(sample: dict[str, Any]) -> str:
    """What the sample officer's app shows now; asked for with EWARONG_STAFF_FACTOR=required."""
    secrets = (row.get("totp_secret") for row in sample["staff"] if row["role"] == "KEMENSOS")
    secret = next(secrets, None)
    return f"Kode petugas Kemensos saat ini: {code_now(secret, real_now())}\n" if secret else ""


def _curl(base_url: str, cashier: dict[str, Any], person: dict[str, Any]) -> str:
    now = real_now()
    login = {name: cashier[name] for name in ("device_id", "device_secret", "staff_id", "pin")}
    purchase = {
        "till_id": cashier["till_id"],
        "occurred_at": now.isoformat(timespec="seconds"),
        "payer": {"method": "KKS", "card": person["card"], "pin": person["pin"]},
        "lines": [{"sku": "BERAS-MEDIUM", "quantity_milli": 5000, "unit_price": 13400}],
    }
    kind = "-H 'Content-Type: application/json'"
    return (
        f"TOKEN=$(curl -s {base_url}/v1/sessions {kind} -d '{json.dumps(login)}' \\\n"
        """  | python3 -c 'import json,sys; print(json.load(sys.stdin)["access_token"])')\n"""
        f"curl -s -X PUT {base_url}/v1/purchases/{new_uuid7(now)} {kind} \\\n"
        f"""  -H "Authorization: Bearer $TOKEN" -d '{json.dumps(purchase)}'"""
    )
