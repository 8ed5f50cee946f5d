"""What the complaints desk asks of either database."""

from datetime import timedelta

from pos_engine.rules.complaints import Kind, State
from pos_engine.rules.ids import new_uuid7
from pos_engine.services import complaint_desk, kpm_complaints
from pos_engine.services.complaint_swap import swaps_of
from pos_engine.store import complaint_desk as store
from pos_engine.store import release_loads
from tests.returning import buy


def test_lists_counts_and_receipts(engine, world):
    purchase_id = buy(engine, world)
    sent = kpm_complaints.Report(new_uuid7(engine.now()), Kind.QUALITY, "bau", purchase_id)
    number = kpm_complaints.complain(engine, world.kpm_id, "phone-1", sent)
    later = engine.now() + timedelta(days=2)
    with engine.database.read() as tx:
        [entry] = store.listed(tx, "35.07", [State.OPEN], Kind.QUALITY)
        assert (entry.reference, entry.shop) == (number, "Warung Bu Sri")
        assert store.listed(tx, "35.0", [State.OPEN]) == []
        assert store.counted(tx, "35", later)["LATE"] == 1
        assert [each.reference for each in store.overdue(tx, later)] == [number]
        assert [each.reference for each in store.of_family(tx, world.kpm_id)] == [number]
        paid = store.paid(tx, world.kpm_id, purchase_id)
        day = engine.now().date()
        assert store.of_number(tx, paid.number, day, world.shop_id) == (purchase_id, "KPM-1")
        assert store.of_number(tx, paid.number, day, world.other_shop_id) is None
    assert complaint_desk.escalate_overdue(engine) == 0
    assert [each.number for each in swaps_of(engine, world.shop_id)] == [paid.number]


def test_families_by_region_and_shop(engine, world):
    with engine.database.read() as tx:
        [load] = release_loads.region_loads(tx, "35.07", 8)
        assert (load.code, load.shop_id, load.families) == ("35.07.13", world.shop_id, 2)
        assert release_loads.region_loads(tx, "94", 8) == []
        assert release_loads.busiest_minute(tx, engine.now()) == 0
