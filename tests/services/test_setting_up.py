"""The beginning of an installation, disbursement, catalogue and notices."""

import json
from dataclasses import replace

import pytest

from catalog.load import CatalogueError, shipped_files
from pos_engine.keys import KeyFileError, create_key_file, load_keys
from pos_engine.rules.pin import guessable
from pos_engine.services import disburse, install, notify
from pos_engine.services.authorize import authorize
from pos_engine.services.catalogue import load_catalogue
from pos_engine.services.install import Refused
from pos_engine.services.payer import CardProof
from pos_engine.services.register import NewFamily, register_family, set_pin
from pos_engine.services.sessions import Role
from pos_engine.sms import NoGateway
from pos_engine.store import disbursements, outbox
from tests.world import BALANCE, MSISDN, NIK, NOW, PIN, a_purchase, credit


class TestInstall:
    def test_a_shop_needs_a_real_place_and_a_name(self, engine):
        assert install.add_shop(engine, "Warung", "00.00").field == "region"
        assert install.add_shop(engine, "Warung", "35").field == "region"
        assert install.add_shop(engine, " ", "35.07").field == "name"

    def test_shop_roles_have_a_shop_and_offices_none(self, engine, world):
        assert install.add_staff(engine, "Ani", Role.KASIR).field == "shop"
        office = install.add_staff(engine, "Ani", Role.DINSOS, shop_id=world.shop_id)
        assert office.field == "shop"
        assert install.add_staff(engine, "Ani", Role.KASIR, shop_id="none").field == "shop"
        assert install.add_staff(engine, "Ani", Role.DINSOS, region="99").field == "region"
        assert install.add_staff(engine, "Ani", Role.ADMIN, pin="12").field == "pin"
        assert install.add_staff(engine, "", Role.ADMIN).field == "name"

    def test_a_device_needs_a_till_that_exists(self, engine):
        assert install.add_device(engine, "none").field == "till"


class TestRegister:
    def family(self, world, **changes):
        values = {
            "kpm_id": "KPM-9", "region": "35.07.13.2001", "home_shop": world.shop_id,
            "name": "Dewi Lestari",
        } | changes  # fmt: skip
        return NewFamily(**values)

    def test_no_nik_and_no_phone_is_a_valid_family(self, engine, world):
        assert not isinstance(register_family(engine, self.family(world)), Refused)

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"region": "00"}, "region"),
            ({"nik": "3507130000000000"}, "nik"),
            ({"nik": "12"}, "nik"),
            ({"msisdn": "12"}, "msisdn"),
            ({"home_shop": "none"}, "home_shop"),
            ({"kpm_id": "KPM-1"}, "family_id"),
            ({"msisdn": MSISDN}, "family_id"),
            ({"nik": NIK}, "family_id"),
        ],
    )
    def test_what_does_not_fit_is_named_and_nothing_written(self, engine, world, changes, field):
        assert register_family(engine, self.family(world, **changes)).field == field
        if field != "family_id":
            assert not isinstance(register_family(engine, self.family(world)), Refused)

    def test_guessable_pins_are_refused(self, engine, world):
        for pin in ("111111", "123456", "654321", "121212", "890123"):
            assert guessable(pin)
            assert set_pin(engine, world.kpm_id, pin).field == "pin"
        assert set_pin(engine, world.kpm_id, "12a456").field == "pin"
        assert set_pin(engine, "none", "493817").field == "kpm_id"
        assert set_pin(engine, world.kpm_id, "493818") is None


class TestDisburse:
    def order(self, count=1, total=1000, **changes):
        values = {
            "programme": "BPNT", "period": "2026-12", "expires_on": NOW.date(),
            "expect_count": count, "expect_total": total,
            "papers": {"decree": "1/2026", "escrow": "test"},
        } | changes  # fmt: skip
        return disburse.Order(**values)

    @pytest.mark.parametrize(
        ("content", "problem"),
        [
            (b"", "row 1"),
            (b"family,amount\n", "row 1"),
            (b"\xff\xfe", "UTF-8"),
            (b"family_id,amount\nKPM-1\n", "row 2"),
            (b"family_id,amount\nKPM-1,1000.50\n", "row 2: amount"),
            (b"family_id,amount\nKPM-1,-5\n", "row 2: amount"),
            (b"family_id,amount\nKPM-1,0\n", "row 2: amount"),
            (b"family_id,amount\nKPM-1,99999999999\n", "row 2: amount"),
            (b"family_id,amount\nKPM-1,500\nKPM-1,500\n", "row 3: family_id repeats row 2"),
            (b"family_id,amount\nKPM-1,500\n", "sums to 500, expected 1000"),
            (b"family_id,amount\nKPM-1,500\nKPM-2,500\n", "2 good rows, expected 1"),
            (b"family_id,amount\nGHOST,1000\n", "row 2: no family GHOST"),
        ],
    )
    def test_a_bad_file_is_refused_whole_with_its_row(self, engine, content, problem):
        refused = disburse.stage(engine, content, self.order(), "officer-1")
        assert isinstance(refused, disburse.FileRefused)
        assert any(problem in each for each in refused.problems), refused.problems

    def test_the_same_file_twice_is_one_run_and_one_credit(self, engine, world):
        content = b"family_id,amount\nKPM-1,1000\n"
        first = disburse.stage(engine, content, self.order(), "officer-1")
        assert disburse.stage(engine, content, self.order(), "officer-1") == first
        assert disburse.approve(engine, first, "officer-2").fresh == 1
        assert disburse.approve(engine, first, "officer-2").fresh == 0
        assert disburse.status(engine, first).status == disbursements.CREDITED

    def test_one_person_cannot_make_and_approve(self, engine):
        run = disburse.stage(engine, b"family_id,amount\nKPM-1,1000\n", self.order(), "officer-1")
        refused = disburse.approve(engine, run, "officer-1")
        assert isinstance(refused, Refused)
        assert disburse.status(engine, run).status == disbursements.STAGED
        assert isinstance(disburse.approve(engine, "none", "officer-2"), Refused)

    def test_a_family_is_credited_once_a_period_whatever_the_file(self, engine, world):
        credit(engine, {world.kpm_id: 5000}, period="2027-01")
        other = disburse.stage(
            engine, b"family_id,amount\nKPM-1,6000\n",
            self.order(total=6000, period="2027-01"), "officer-1",
        )  # fmt: skip
        assert isinstance(other, disburse.FileRefused)
        assert "PERIOD_CREDITED" in other.counts


class TestCatalogue:
    def test_loading_the_same_again_changes_nothing(self, engine):
        assert not load_catalogue(engine, shipped_files(), "test").fresh

    def test_a_new_ceiling_is_in_force_for_the_next_purchase(self, engine, world, clock):
        files = shipped_files()
        text = files["ceilings.csv"].decode()
        files["ceilings.csv"] = text.replace(",13500,", ",13300,").encode()
        clock.advance(minutes=1)
        assert load_catalogue(engine, files, "test").fresh
        answer = json.loads(authorize(engine, a_purchase(world, at=clock())).body)
        assert (answer["reason"], answer["lines"][0]["ceiling"]) == ("PRICE_ABOVE_CEILING", 13_300)

    def test_a_broken_catalogue_leaves_the_old_one(self, engine, world):
        with pytest.raises(CatalogueError):
            load_catalogue(engine, shipped_files() | {"goods.csv": b"nothing"}, "test")
        assert json.loads(authorize(engine, a_purchase(world)).body)["status"] == "APPROVED"


class TestNotices:
    def test_a_gateway_that_is_down_keeps_the_notice(self, engine, world):
        authorize(engine, a_purchase(world))
        drained = notify.drain(replace(engine, sms=NoGateway()))
        assert (drained.done, drained.waiting) == (0, 1)
        assert notify.drain(engine).done == 1
        [message] = engine.sms.messages()
        assert (message.to, f"Rp{BALANCE - 67_000:,}".replace(",", ".") in message.text) == (
            MSISDN, True,
        )  # fmt: skip

    def test_a_family_without_phone_is_done_silently(self, engine, world):
        authorize(engine, a_purchase(world, proof=CardProof(world.other_card, PIN)))
        assert notify.drain(engine).done == 1
        assert engine.sms.messages() == []
        with engine.database.read() as tx:
            assert outbox.waiting_events(tx, 1) == []


class TestKeys:
    def test_a_key_file_is_never_overwritten_and_never_readable_by_others(self, tmp_path):
        path = tmp_path / "keys.json"
        create_key_file(path)
        before = path.read_bytes()
        with pytest.raises(KeyFileError, match="kept"):
            create_key_file(path)
        assert path.read_bytes() == before
        assert path.stat().st_mode & 0o077 == 0

    def test_what_is_wrong_with_a_key_file_is_said(self, tmp_path):
        with pytest.raises(KeyFileError, match="keys init"):
            load_keys(tmp_path / "none.json")
        (tmp_path / "keys.json").write_text("{}")
        with pytest.raises(KeyFileError, match="not a key file"):
            load_keys(tmp_path / "keys.json")

    def test_a_sealed_value_opens_for_its_own_row_only(self, keys):
        sealed = keys.seal_personal(MSISDN, "row-1")
        assert keys.open_personal(sealed, "row-1") == MSISDN
        with pytest.raises(KeyFileError):
            keys.open_personal(sealed, "row-2")

    def test_keys_never_print_themselves(self, keys):
        assert keys.pepper.hex() not in repr(keys)
        assert "pepper" not in repr(keys)
