"""The store on both databases: schema, transactions, and what protects the money."""

import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text, update
from sqlalchemy.exc import IntegrityError

from pos_engine.rules.entitlement import Draw
from pos_engine.rules.ids import shard_of
from pos_engine.rules.money import Rupiah
from pos_engine.store import ledger, outbox, purchases
from pos_engine.store.database import ConflictError, UnavailableError, open_database
from pos_engine.store.schema import metadata, posting, wallet


def test_migrations_make_exactly_the_schema(prepared):
    url = prepared[0].replace("postgresql://", "postgresql+psycopg://")
    database = create_engine(url)
    with database.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    database.dispose()
    assert differences == []


def test_upgrade_twice_is_upgrade_once(engine):
    engine.database.upgrade()


def test_every_primary_key_starts_with_the_shard():
    directory = {"purchase_claim": "claim_shard", "credential": "kind"}
    for table in metadata.sorted_tables:
        first = next(iter(table.primary_key.columns)).name
        assert first == directory.get(table.name, "shard"), table.name


def test_sqlite_writes_survive_a_power_cut(databases, engine, kind):
    if kind == "sqlite":
        with engine.database.read() as tx:
            assert tx.execute(text("PRAGMA synchronous")).scalar() == 2  # FULL
            assert tx.execute(text("PRAGMA journal_mode")).scalar() == "wal"
    else:
        with engine.database.read() as tx:
            assert tx.execute(text("SHOW synchronous_commit")).scalar() == "on"


def test_a_failed_transaction_leaves_nothing(engine, world):
    with pytest.raises(RuntimeError), engine.database.begin() as tx:
        outbox.add_event(tx, "TEST", "event-1", world.kpm_id, "x", engine.now())
        raise RuntimeError
    with engine.database.read() as tx:
        assert outbox.waiting_events(tx, 10) == []


def _wallet(engine, world):
    with engine.database.read() as tx:
        return ledger.tranches_of(tx, world.kpm_id, lock=False)[0]


def test_spending_more_than_is_left_is_impossible(engine, world):
    tranche = _wallet(engine, world)
    draw = Draw(tranche.wallet_id, Rupiah(tranche.left + 1))
    with pytest.raises(ConflictError), engine.database.begin() as tx:
        ledger.spend(tx, [ledger.Spending(world.kpm_id, draw, engine.now().date())])
    assert _wallet(engine, world) == tranche


def test_the_schema_itself_refuses_an_overdrawn_wallet(engine, world):
    with pytest.raises(ConflictError) as caught, engine.database.begin() as tx:
        tx.execute(update(wallet).values(spent=wallet.c.credited + 1))
    assert isinstance(caught.value.__cause__, IntegrityError)


def test_an_expired_tranche_is_not_spent_even_by_a_wrong_plan(engine, world):
    tranche = _wallet(engine, world)
    after = tranche.expires_on.replace(year=tranche.expires_on.year + 1)
    with pytest.raises(ConflictError), engine.database.begin() as tx:
        draw = Draw(tranche.wallet_id, Rupiah(1))
        ledger.spend(tx, [ledger.Spending(world.kpm_id, draw, after)])


def test_two_writers_never_lose_an_update(engine, world):
    """Without the lock both would read the same balance and one debit would vanish."""
    tranche = _wallet(engine, world)

    def spend_ten_times():
        for _ in range(10):
            with engine.database.begin() as tx:
                ledger.tranches_of(tx, world.kpm_id, lock=True)
                draw = Draw(tranche.wallet_id, Rupiah(100))
                ledger.spend(tx, [ledger.Spending(world.kpm_id, draw, engine.now().date())])

    threads = [threading.Thread(target=spend_ten_times) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _wallet(engine, world).spent == 4 * 10 * 100


def test_an_id_is_claimed_once(engine, world):
    def claim(tx):
        row = purchases.PurchaseRow(
            shard=1, purchase_id="p", kpm_id=None, person_id=None, shop_id=world.shop_id,
            till_id="t", staff_id="s", region="35.07", status="DECLINED", reason=None,
            method="KKS", amount=0, lines=[], flags=[], policy="p", price_book="b", number="n",
            day=engine.now().date(), occurred_at=engine.now(), decided_at=engine.now(),
        )  # fmt: skip
        claim = purchases.Claim("p", b"c", 1, None, world.shop_id, "{}")
        purchases.record(tx, [claim], [row])

    with engine.database.begin() as tx:
        claim(tx)
    with pytest.raises(ConflictError), engine.database.begin() as tx:
        claim(tx)


class TestLedgerCheck:
    """The checker must first catch a planted fault."""

    def test_a_sound_ledger_passes(self, engine):
        with engine.database.read() as tx:
            found = ledger.check(tx)
        assert found.good
        assert (found.wallets, found.postings, found.left) == (2, 4, 400_000)

    def test_a_lost_leg_is_found(self, engine):
        with engine.database.begin() as tx:
            tx.execute(posting.delete().where(posting.c.leg == 0))
        with engine.database.read() as tx:
            assert len(ledger.check(tx).unbalanced) == 2

    def test_a_debit_without_postings_is_found(self, engine, world):
        with engine.database.begin() as tx:
            tx.execute(update(wallet).where(wallet.c.kpm_id == world.kpm_id).values(spent=1))
        with engine.database.read() as tx:
            assert len(ledger.check(tx).differing) == 1

    def test_postings_without_a_wallet_are_found(self, engine, world):
        with engine.database.begin() as tx:
            tx.execute(wallet.delete().where(wallet.c.kpm_id == world.kpm_id))
        with engine.database.read() as tx:
            assert len(ledger.check(tx).differing) == 1

    def test_two_faults_that_cancel_out_are_found(self, engine, world):
        """Credited and spent both wrong by the same: the balance alone would look right."""
        with engine.database.begin() as tx:
            row = wallet.c.kpm_id == world.kpm_id
            tx.execute(update(wallet).where(row).values(credited=wallet.c.credited + 5, spent=5))
        with engine.database.read() as tx:
            assert len(ledger.check(tx).differing) == 1


def test_a_database_that_is_gone_is_said_so(tmp_path):
    database = open_database("postgresql://nobody@127.0.0.1:1/none?connect_timeout=2")
    with pytest.raises(UnavailableError), database.read():
        pass
    database.close()


def test_outbox_retries_then_rests(engine, world):
    with engine.database.begin() as tx:
        outbox.add_event(tx, "TEST", "event-1", world.kpm_id, "x", engine.now())
    for _ in range(outbox.TRIES_MAX):
        with engine.database.begin() as tx:
            [event] = outbox.waiting_events(tx, 10)
            outbox.settle_event(tx, event, done=False, now=engine.now())
    with engine.database.read() as tx:
        assert outbox.waiting_events(tx, 10) == []


def test_a_family_and_its_money_share_a_shard(engine, world):
    with engine.database.read() as tx:
        rows = tx.execute(text("SELECT shard FROM wallet WHERE kpm_id = 'KPM-1'")).scalars().all()
    assert rows == [shard_of(world.kpm_id)]
