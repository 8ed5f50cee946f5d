"""The collaborators of every use case, opened once: database, catalogue, faces, keys, clock."""

import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

from biometrics.calibration import thresholds_from
from biometrics.calibration_file import load_calibration
from biometrics.child import WorkerConfig
from biometrics.pool import FacePool
from biometrics.thresholds import DLIB, SFACE, Thresholds
from catalog.catalogue import Catalogue
from catalog.load import load_files
from catalog.policy import Policy
from pos_engine.keyring.kek import EnvironmentKeks, KekSource
from pos_engine.keyring.token import TokenKeks
from pos_engine.keys import Keys, load_keys
from pos_engine.matching.client import MatchClient
from pos_engine.matching.matcher import Matcher
from pos_engine.matching.messages import Config
from pos_engine.rules.basket import Market
from pos_engine.settings import Settings
from pos_engine.sms import DemoGateway, NoGateway, QueuedGateway, SmsGateway
from pos_engine.store import installation
from pos_engine.store.database import Database, Tx, UnavailableError, open_database
from pos_engine.store.driver import Later
from pos_engine.store.group_commit import GroupCommit
from pos_engine.store.homes import Home, Homes
from pos_engine.store.latencies import Latencies
from pos_engine.store.shard_map import ShardMap, ShardMapError, read_shard_map
from pos_engine.store.shop_goods import Remembered
from pos_engine.switch.banks import Banks
from pos_engine.switch.config import LinksError, read_links

KIND = "kind"
DEMO = "DEMO"
LAKE = "lake"  # in the data folder
MARKETS_MAX = 2_000  # places whose rules are remembered for the day
OLDER_CATALOGUES_MAX = 8  # that sales without signal were made by and that are remembered


class NotReadyError(Exception):
    """The installation is not complete. The message says which command completes it."""


@dataclass(slots=True)
class _Loaded:
    """The catalogue in memory; replaced when the database has a newer one."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    catalogue: Catalogue | None = None
    markets: dict[tuple[str, str, date], Market] = field(default_factory=dict)
    older: dict[str, Catalogue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Engine:
    """What a use case may use. `faces` and `matcher` are None when face matching is off."""

    database: Database
    commits: GroupCommit  # the queue in front of the database that purchases go through
    keys: Keys
    faces: FacePool | None
    matcher: Matcher | None
    thresholds: Thresholds
    sms: SmsGateway
    policy_id: str
    code_valid_s: int
    face_risk_budget: float
    now: Callable[[], datetime]
    _loaded: _Loaded = field(default_factory=_Loaded)
    idle_freeze_days: int = 0  # 0 never freezes
    homes: Homes | None = None  # the databases of the shards when there are several
    reference: Database | None = None  # where shops and staff stand when not in `database`
    ussd_number: str = ""  # what a family dials for the menu
    gateway_secret: str = field(default="", repr=False)  # of an aggregator; without it no hooks
    banks: Banks | None = None  # the switches of banks that keep money; None: nobody is asked
    lake: Path | None = None  # the folder of the event lake; None: there is none
    sellers: Remembered = field(default_factory=Remembered)  # near shops, for refusals
    staff_factor: str = "required"  # of officers; "demo": a PIN is enough, on samples only
    retention: str = ""  # days that kinds of rows are kept; empty: as services/retention.py says
    device_bound: str = "auto"  # sessions of tablets with a key; "required": of all from now on

    def database_of(self, shard: int) -> Database:
        """Where a shard lives."""
        return self.database if self.homes is None else self.homes.of(shard).database

    def each_database(self) -> "list[Engine]":
        """This engine once for each database, as if there were no other."""
        if self.homes is None:
            return [self]
        views = [(each.database, each.commits) for each in self.homes.all]
        return [
            replace(self, database=one, commits=queue, homes=None, reference=self.database)
            for one, queue in views
        ]

    def catalogue(self, tx: Tx) -> Catalogue:
        """The catalogue in force in this transaction."""
        return self.ask_catalogue(tx)()

    def ask_catalogue(self, tx: Tx) -> Later[Catalogue]:
        """The same, answered when the trip is over."""
        version = installation.ask_newest_catalogue_version(tx)
        return lambda: self._catalogue(tx, version())

    def _catalogue(self, tx: Tx, version: str | None) -> Catalogue:
        if version is None:
            raise NotReadyError("No catalogue is loaded. Run `ewarong catalog load` first.")
        loaded = self._loaded.catalogue
        if loaded is not None and loaded.version == version:
            return loaded
        with self._loaded.lock:
            self._loaded.catalogue = load_files(installation.catalogue_files(tx, version))
            return self._loaded.catalogue

    def catalogue_named(self, tx: Tx, version: str) -> Catalogue:
        """A catalogue that was in force once; its version is one of `catalogue_history`."""
        newest = self.catalogue(tx)
        if newest.version == version:
            return newest
        known = self._loaded.older.get(version)
        if known is None:
            with self._loaded.lock:
                if len(self._loaded.older) >= OLDER_CATALOGUES_MAX:
                    self._loaded.older.clear()
                known = load_files(installation.catalogue_files(tx, version))
                self._loaded.older[version] = known
        return known

    def market(self, catalogue: Catalogue, region: str, day: date) -> Market:
        """The rules at a place on a day; what was looked up in them is remembered."""
        key = (catalogue.version, region, day)
        known = self._loaded.markets.get(key)
        if known is None:
            if len(self._loaded.markets) >= MARKETS_MAX:
                self._loaded.markets.clear()
            known = Market(catalogue, self.policy(catalogue), region, day)
            self._loaded.markets[key] = known
        return known

    def policy(self, catalogue: Catalogue) -> Policy:
        """The policy version in force."""
        return catalogue.policies[self.policy_id]

    def is_demo(self, tx: Tx) -> bool:
        """Is this the sample installation, with its pages for one machine."""
        return installation.fact(tx, KIND) == DEMO

    def close(self) -> None:
        """Answer the purchases that wait, stop the face workers, give the connections back."""
        if self.banks is not None:
            self.banks.close()  # first: who waits for a bank is answered by a last commit
        self.commits.close()
        if self.homes is not None:
            self.homes.close_others()
        if self.faces is not None:
            self.faces.close()
        if self.matcher is not None:
            self.matcher.close()
        self.database.close()


def _only_on_a_demo(settings: Settings) -> None:
    """Log-ins without a second factor are for samples."""
    with closing(open_database(settings.url)) as database:
        try:
            with database.read() as tx:
                if installation.fact(tx, KIND) == DEMO:
                    return
        except UnavailableError:  # no such table: not even an installation
            pass
    raise NotReadyError(
        "EWARONG_STAFF_FACTOR: `demo` works only on what `ewarong demo` made. Leave it out: "
        "officers then log in with PIN and second factor."
    )


def _worker_config(settings: Settings) -> WorkerConfig:
    return WorkerConfig(settings.face_engine, settings.model_dir, precision=settings.face_precision)


def _thresholds(settings: Settings) -> Thresholds:
    """Those of a calibration file when one is named, else the shipped ones."""
    shipped = DLIB if settings.face_engine == "dlib" else SFACE
    if settings.face_calibration is None:
        return shipped
    try:
        text = settings.face_calibration.read_text()
    except OSError as error:
        raise NotReadyError(
            f"EWARONG_FACE_CALIBRATION: {settings.face_calibration} cannot be read "
            f"({error.strerror}). Make it with `ewarong face calibrate`."
        ) from None
    return thresholds_from(load_calibration(text, shipped.model_id))


def _pool(settings: Settings) -> FacePool:
    return FacePool(_worker_config(settings), workers=settings.face_workers)


def _matcher(settings: Settings, model_id: str) -> Matcher:
    """The match process: the key of the templates is read there, never here."""
    return MatchClient(
        Config(
            database_url=settings.url,
            key_file=str(settings.keys_path.resolve()),
            folder=str(settings.data_dir.resolve()),
            model_id=model_id,
        )
    )


def shard_map_of(settings: Settings) -> ShardMap | None:
    """The map of several databases; None when all shards live in one."""
    if settings.shard_map is None:
        return None
    try:
        found = read_shard_map(settings.shard_map.read_text())
    except OSError as error:
        raise NotReadyError(
            f"EWARONG_SHARD_MAP: {settings.shard_map} cannot be read ({error.strerror})."
        ) from None
    except ShardMapError as error:
        raise NotReadyError(f"EWARONG_SHARD_MAP: {error}.") from None
    if found.urls[0] != settings.url:
        raise NotReadyError("EWARONG_SHARD_MAP: shard 0 must live in EWARONG_DATABASE_URL.")
    return found if len(found.urls) > 1 else None


def _keks(settings: Settings) -> KekSource | None:
    """Where the key is that wraps the families' keys; None: in the key file."""
    if settings.kek == "environment":
        return EnvironmentKeks(settings.kek_secrets.get_secret_value())
    if settings.kek == "pkcs11":
        if settings.hsm_module is None:
            raise NotReadyError("EWARONG_HSM_MODULE: name the library of the token.")
        pin = settings.hsm_pin.get_secret_value()
        return TokenKeks(str(settings.hsm_module), settings.hsm_token, pin)
    return None


def _gateway(settings: Settings) -> SmsGateway:
    """Where texts go; with a line to an operator they wait in the database for it."""
    if settings.sms_gateway == "demo":
        return DemoGateway()
    if settings.sms_gateway == "none":
        return NoGateway()
    if settings.shard_map is not None:
        raise NotReadyError("EWARONG_SMS_GATEWAY: texts through a line need one database.")
    return QueuedGateway()


def _banks_of(settings: Settings) -> Banks | None:
    """The banks of the links file; None when there is none."""
    if settings.bank_links is None:
        return None
    try:
        return Banks(read_links(settings.bank_links), real_now)
    except LinksError as error:
        raise NotReadyError(f"EWARONG_BANK_LINKS: {error}.") from None


def open_homes(shard_map: ShardMap, first: Home, now: Callable[[], datetime]) -> Homes:
    """Open the databases of a map; the first is open already."""
    others = [open_database(url) for url in shard_map.urls[1:]]
    opened = [Home(each, GroupCommit(each, latencies=Latencies(each, now))) for each in others]
    return Homes(shard_map, (first, *opened))


def real_now() -> datetime:
    """The server's clock: the only place that reads it."""
    return datetime.now(UTC)


def open_engine(
    settings: Settings | None = None, *, faces: bool = True, several: bool = False
) -> Engine:
    """Open everything by the settings (read from the environment unless given).

    `several`: the caller works on several databases; `NotReadyError` when it does not and must.
    """
    chosen = settings or Settings()
    shard_map = shard_map_of(chosen)
    if shard_map is not None and not several:
        raise NotReadyError(
            "This command works on one database: EWARONG_SHARD_MAP names several. See README, "
            "'Several databases'."
        )
    banks = _banks_of(chosen)
    if banks is not None and shard_map is not None:
        raise NotReadyError("EWARONG_BANK_LINKS: banks are asked on one database only.")
    if chosen.staff_factor == "demo":
        _only_on_a_demo(chosen)
    keys = load_keys(chosen.keys_path, _keks(chosen))
    use_faces = faces and chosen.face_engine != "off"
    thresholds = _thresholds(chosen)
    database = open_database(chosen.url)
    commits = GroupCommit(database, latencies=Latencies(database, real_now))
    homes = open_homes(shard_map, Home(database, commits), real_now) if shard_map else None
    return Engine(
        database=database,
        commits=commits,
        homes=homes,
        keys=keys,
        faces=_pool(chosen) if use_faces else None,
        matcher=_matcher(chosen, thresholds.model_id) if use_faces else None,
        thresholds=thresholds,
        sms=_gateway(chosen),
        policy_id=chosen.policy,
        code_valid_s=chosen.code_valid_s,
        face_risk_budget=chosen.face_risk_budget,
        now=real_now,
        idle_freeze_days=chosen.idle_freeze_days,
        ussd_number=chosen.ussd_number,
        gateway_secret=chosen.gateway_secret.get_secret_value(),
        banks=banks,
        lake=chosen.data_dir.resolve() / LAKE,
        staff_factor=chosen.staff_factor,
        device_bound=chosen.device_bound,
        retention=chosen.retention,
    )


__all__ = ["DEMO", "KIND", "Engine", "NotReadyError", "Settings", "open_engine"]
