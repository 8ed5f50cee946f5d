"""Settings from the environment: EWARONG_*, each with a default that runs."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Everything an operator may set. Documented in README, checked by a test."""

    model_config = SettingsConfigDict(env_prefix="EWARONG_", frozen=True, protected_namespaces=())

    data_dir: Path = Field(Path("ewarong-data"), description="folder of database and keys")
    database_url: str = Field("", description="sqlite:///... or postgresql://...")
    shard_map: Path | None = Field(None, description="which shards live in which database")
    key_file: Path | None = Field(None, description="key file; default: keys.json in the data dir")
    face_engine: Literal["sface", "dlib", "off"] = Field("sface", description="face encoder")
    face_precision: Literal["f32", "bf16"] = Field("f32", description="arithmetic of the encoder")
    face_workers: int = Field(2, ge=1, le=64, description="processes that open pictures")
    model_dir: Path | None = Field(None, description="folder with the two ONNX files")
    policy: str = Field("SEMBAKO-2021", description="policy version in force")
    escrow_account: str = Field("", description="account of the money behind our own tranches")
    idle_freeze_days: int = Field(
        0, ge=0, le=3650, description="counted days until idle money is put aside; 0 is never"
    )
    escrow_bank: str = Field("", description="BIC or clearing code of the bank of that account")
    bank_links: Path | None = Field(None, description="file of the banks' switches")
    sms_gateway: Literal["none", "demo", "smpp", "http"] = Field(
        "none", description="where texts go"
    )
    smpp_host: str = Field("", description="the operator's SMSC")
    smpp_port: int = Field(2775, ge=1, le=65535, description="its port")
    smpp_system_id: str = Field("", max_length=15, description="who we are to it")
    smpp_password: SecretStr = Field(SecretStr(""), description="the password of that name")
    smpp_tls: bool = Field(default=False, description="bind over TLS")
    smpp_window: int = Field(50, ge=1, le=1000, description="texts without an answer at once")
    sms_sender: str = Field("BPNT", max_length=20, description="sender's name or short number")
    sms_url: str = Field("", description="where an aggregator takes our texts")
    gateway_secret: SecretStr = Field(
        SecretStr(""), description="secret that signs an aggregator's calls and ours"
    )
    ussd_number: str = Field("", max_length=16, description="what a family dials, *123#")
    code_valid_s: int = Field(180, ge=30, le=600, description="life of a one-time code")
    backup_recipients: str = Field("", description="public keys that backups are sealed to")
    face_calibration: Path | None = Field(
        None, description="calibration file of the people served; default: the shipped thresholds"
    )
    face_risk_budget: float = Field(
        0.001, ge=0, le=0.05, description="risk of a stranger up to which a live face is enough"
    )
    staff_factor: Literal["required", "demo"] = Field(
        "required", description="second factor of officers; demo: none, on samples only"
    )
    device_bound: Literal["auto", "required"] = Field(
        "auto", description="which tablets sign each request"
    )
    per_minute: str = Field(
        "600/1800/60",
        pattern=r"^\d{1,6}/\d{1,6}/\d{1,6}$",
        description="requests of a device, a shop and a KPM in a minute; 0 is no limit",
    )
    retention: str = Field("", description="days that kinds of rows are kept: attempts=400")
    kek: Literal["file", "environment", "pkcs11"] = Field(
        "file", description="where the key is that wraps the families' keys"
    )
    kek_secrets: SecretStr = Field(
        SecretStr(""), description="for `environment`: secrets of 32 bytes, the newest first"
    )
    hsm_module: Path | None = Field(None, description="for `pkcs11`: the token's library")
    hsm_token: str = Field("ewarong", description="its label")
    hsm_pin: SecretStr = Field(SecretStr(""), description="its user PIN")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="how much is logged"
    )

    @property
    def url(self) -> str:
        """The database address; SQLite in the data folder unless one is set."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'ewarong.db'}"

    @property
    def keys_path(self) -> Path:
        """Where the keys are."""
        return self.key_file or self.data_dir / "keys.json"
