"""A family's tranches as they were at each of her purchases, made of the ledger's legs."""

from collections import Counter, defaultdict
from datetime import date, datetime

from catalog.limits import LimitKind
from pos_engine.rules.bank import ENGINE
from pos_engine.rules.entitlement import Tranche, TrancheStatus
from pos_engine.rules.ids import WalletId
from pos_engine.rules.limits import NOTHING_USED, Used
from pos_engine.rules.money import Rupiah
from pos_engine.rules.posting import Kind
from pos_engine.store.limit_use import RUPIAH
from pos_engine.store.replay_rows import CREDITING, GONE_BACK, ShardMoney, WalletRow

Movement = tuple[datetime, int, str, int]  # when, order within the moment, tranche, rupiah
BEFORE, AFTER = 0, 1  # a purchase of the same moment


class FamilyMoney:
    """One family's money, moved forward purchase by purchase."""

    def __init__(self, money: ShardMoney, kpm_id: str, purchase_ids: set[str]) -> None:
        self._money, self._kpm_id = money, kpm_id
        self._wallets = money.wallets.get(kpm_id, [])
        self._left = {
            w.wallet_id: money.opening.get(w.wallet_id, (0, None))[0] for w in self._wallets
        }
        self._since: dict[str, datetime] = {}
        self._gone: dict[str, datetime] = {}
        self._own: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
        self._bought: list[datetime] = []
        self._moves: list[Movement] = []
        self._at = 0
        for each in self._wallets:
            self._read(each, purchase_ids)
        self._moves.sort()
        self._bought.sort()
        self._uses = _Uses(money, kpm_id)

    def _read(self, wallet: WalletRow, purchase_ids: set[str]) -> None:
        name = wallet.wallet_id
        opened = self._money.opening.get(name)
        if opened is not None:
            self._since[name] = opened[1]
        for leg in self._money.legs.get(name, ()):
            self._since.setdefault(name, leg.at)
            if leg.kind in GONE_BACK:
                self._gone.setdefault(name, leg.at)
            if leg.kind == Kind.PURCHASE.value:
                self._bought.append(leg.at)
            if leg.txn_id in purchase_ids and leg.kind == Kind.PURCHASE.value:
                self._own[leg.txn_id].append((name, leg.amount))
            else:
                order = BEFORE if leg.kind in CREDITING else AFTER
                self._moves.append((leg.at, order, name, leg.amount))

    @property
    def at_a_bank(self) -> bool:
        """Does a bank keep some of it: then it was the bank that said yes or no."""
        return any(each.custodian != ENGINE for each in self._wallets)

    def move_to(self, at: datetime) -> None:
        """Apply what happened before a purchase of this moment."""
        moves = self._moves
        while self._at < len(moves) and (moves[self._at][0], moves[self._at][1]) <= (at, BEFORE):
            _, _, name, amount = moves[self._at]
            self._left[name] += amount
            self._at += 1
        self._uses.move_to(at)

    def tranches(self, at: datetime, till_id: str) -> tuple[tuple[Tranche, ...], int]:
        """Her tranches as a till saw them, and what lay aside for another device."""
        own = self.own_allowance(at, till_id) is not None
        found, reserved = [], 0
        for each in self._wallets:
            since = self._since.get(each.wallet_id)
            if since is None or since > at:
                continue
            held, aside = self._held(each.wallet_id, at)
            reserved += aside
            found.append(self._tranche(each, at, since, held if own else held + aside))
        return tuple(found), 0 if own else reserved

    def _tranche(self, wallet: WalletRow, at: datetime, since: datetime, held: int) -> Tranche:
        left = self._left[wallet.wallet_id]
        return Tranche(
            wallet_id=WalletId(wallet.wallet_id),
            programme=wallet.programme,
            period=wallet.period,
            credited=Rupiah(left),
            spent=Rupiah(0),
            held=Rupiah(held),
            expires_on=wallet.expires_on,
            status=self._status(wallet, at, since),
            custodian=wallet.custodian,
        )

    def _status(self, wallet: WalletRow, at: datetime, since: datetime) -> TrancheStatus:
        """Frozen money of a proven payer is open; what went back or waits for two people is not."""
        gone = self._gone.get(wallet.wallet_id)
        if wallet.status == TrancheStatus.RETURNED.value and gone is not None and gone <= at:
            return TrancheStatus.RETURNED
        for held_at, released_at in self._money.waits.get(self._kpm_id, ()):
            if held_at <= since and (released_at is None or since < released_at > at):
                return TrancheStatus.HELD
        return TrancheStatus.OPEN

    def _held(self, wallet_id: str, at: datetime) -> tuple[int, int]:
        """What lay in holds, and in those of allowances."""
        held = aside = 0
        for each in self._money.held.get(wallet_id, ()):
            if each.made_at < at and (each.resolved_at is None or each.resolved_at >= at):
                if each.offline:
                    aside += each.amount
                else:
                    held += each.amount
        return held, aside

    def own_allowance(self, at: datetime, till_id: str) -> str | None:
        """The allowance of a till's own device that lived at a moment."""
        for issued, ended, till, name in self._money.tills.get(self._kpm_id, ()):
            if issued <= at and (ended is None or ended >= at) and till == till_id:
                return name
        return None

    def drawn_aside(self, at: datetime) -> tuple[int, bool]:
        """How much less lay in allowances after a moment; was it one purchase that took it."""
        drawn, bought = 0, set()
        for each in self._wallets:
            for held in self._money.held.get(each.wallet_id, ()):
                if held.offline:
                    drawn += held.amount * ((held.resolved_at == at) - (held.made_at == at))
            for leg in self._money.legs.get(each.wallet_id, ()):
                if leg.at == at and leg.kind == Kind.PURCHASE.value:
                    bought.add(leg.txn_id)
        return drawn, len(bought) <= 1

    def used(self, day: date) -> Used:
        """What her day took already of the limits of a family."""
        return self._uses.of(day)

    def drawn(self, purchase_id: str) -> dict[str, int]:
        """What a purchase took of which tranche, by the ledger."""
        taken: dict[str, int] = {}
        for name, amount in self._own.get(purchase_id, ()):
            taken[name] = taken.get(name, 0) - amount
        return taken

    def paid(self, purchase_id: str) -> dict[str, int]:
        """The same, and now it is gone."""
        taken = self.drawn(purchase_id)
        for name, amount in taken.items():
            self._left[name] -= amount
        self._uses.take(purchase_id)
        return taken

    def next_bought(self, at: datetime) -> datetime | None:
        """When she bought something after a moment."""
        return next((each for each in self._bought if each > at), None)


class _Uses:
    """What the limits of a family's days counted, purchase by purchase and return by return."""

    def __init__(self, money: ShardMoney, kpm_id: str) -> None:
        self._of: defaultdict[str, list[tuple[date, str, int]]] = defaultdict(list)
        for purchase_id, day, item, used in money.uses.get(kpm_id, ()):
            self._of[purchase_id].append((day, item, used))
        known = money.returned_at
        self._returns = sorted((known[name], name) for name in self._of if name in known)
        self._days: defaultdict[date, Counter[str]] = defaultdict(Counter)

    def move_to(self, at: datetime) -> None:
        while self._returns and self._returns[0][0] < at:
            self.take(self._returns.pop(0)[1])

    def take(self, name: str) -> None:
        for day, item, used in self._of.get(name, ()):
            self._days[day][item] += used

    def of(self, day: date) -> Used:
        found = self._days.get(day)
        if found is None:
            return NOTHING_USED
        return Used(found, {LimitKind.KPM: found[RUPIAH]})
