"""Ways in beside the password: passkeys, sign-in codes, new devices; who is told, and how somebody gets back in."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa
from webauthn.helpers import bytes_to_base64url

from tests.authenticator import PRESENT, Authenticator, added
from tests.factories import PASSWORD, School, count
from tripupdates import accounts, audit, passkeys, sign_in_codes
from tripupdates.accounts import CodeNeeded
from tripupdates.database import fresh
from tripupdates.people import codes
from tripupdates.people.passkeys import Challenge, Device, Passkey
from tripupdates.people.presence import Proof
from tripupdates.people.signing_in import Caller, SignedIn
from tripupdates.telling.records import Notice
from tripupdates.vocabulary import Conflict, Forbidden, News, NotFound, Refused

NEW = "quiver-lantern-badger-fossil"
TYPED = Proof(PASSWORD)


def _in(school: School, who: str = "head", device: str | None = None, password: str = PASSWORD) -> SignedIn:
    return accounts.sign_in(school.house, f"{who}@puddle-lane.example", password, True, device)


def _told(school: School, who: str = "head") -> list[News]:
    person = school.people[who].id
    return list(fresh().scalars(sa.select(Notice.news).where(Notice.person_id == person).order_by(Notice.id)))


def _use(school: School, phone: Authenticator, device: str = "phone") -> SignedIn:
    return passkeys.sign_in(
        school.house, phone.answer(passkeys.ask_to_sign_in(school.house, device)), True, device
    )


def _app(school: School, who: Caller) -> pyotp.TOTP:
    """An app for codes, set up through the steps."""
    sign_in_codes.start(school.house, who, TYPED)
    row = fresh().get_one(codes.Codes, who.id)
    app = pyotp.TOTP(codes.reveal(row, school.house.settings.secret_key))
    sign_in_codes.confirm(school.house, who, app.at(school.clock()))
    school.clock.pass_(minutes=2)
    return app


def _with_code(school: School, code: str, who: str = "head", device: str | None = None) -> SignedIn:
    with pytest.raises(CodeNeeded) as needed:
        _in(school, who, device)
    return accounts.sign_in_with_code(school.house, needed.value.pending, code, True, device)


def test_a_passkey_is_kept_and_signs_in_without_a_name(school: School) -> None:
    phone = added(school, _in(school), PASSWORD, name="  My  phone ")
    (row,) = fresh().scalars(sa.select(Passkey)).all()
    assert (row.person_id, row.credential_id, row.name, row.transports) == (
        school.head.id,
        phone.credential_id,
        "My phone",
        [],
    )
    who = _use(school, phone)
    assert (who.id, who.offer) == (school.head.id, "")
    signed_in = accounts.who(who.token, school.clock())
    assert signed_in is not None
    assert signed_in.proved_at == school.clock()
    assert News.PASSKEY_ADDED in _told(school)


def test_an_answer_nested_deeper_than_anybody_means_is_not_accepted(school: School) -> None:
    phone = added(school, _in(school), PASSWORD)
    given = phone.answer(passkeys.ask_to_sign_in(school.house, "here"))
    given["response"]["clientDataJSON"] = bytes_to_base64url(b"[" * 50_000)
    with pytest.raises(Refused, match="not accepted"):
        passkeys.sign_in(school.house, given, True, "here")


@pytest.mark.both_engines
def test_a_key_that_has_counted_beyond_what_a_column_holds_still_signs_in(school: School) -> None:
    """WebAuthn's counter has 32 bits without a sign; some keys begin high."""
    phone = added(school, _in(school), PASSWORD, counts=True, count=2**31 - 3)
    for _ in range(4):
        assert _use(school, phone).id == school.head.id
    added(school, _in(school, "author"), PASSWORD, counts=True, count=2**32 - 2)
    phone.count = 2**31 - 3
    with pytest.raises(Refused, match="may have a copy"):
        _use(school, phone)


def test_an_answer_signs_in_once_and_in_the_browser_that_asked(school: School) -> None:
    phone = added(school, _in(school), PASSWORD)
    given = phone.answer(passkeys.ask_to_sign_in(school.house, "here"))
    with pytest.raises(Refused, match="sent twice"):
        passkeys.sign_in(school.house, given, True, "elsewhere")
    passkeys.sign_in(school.house, given, True, "here")
    with pytest.raises(Refused, match="sent twice"):
        passkeys.sign_in(school.house, given, True, "here")


@pytest.mark.parametrize("flaw", ["somewhere else", "not verified", "unknown", "of somebody else"])
def test_a_passkey_that_does_not_fit_signs_nobody_in(school: School, flaw: str) -> None:
    phone = added(school, _in(school), PASSWORD)
    changes = {
        "somewhere else": {"origin": "https://evil.example"},
        "not verified": {"flags": PRESENT},
        "unknown": {"credential_id": b"x" * 32},
        "of somebody else": {"user": school.deputy.id.bytes},
    }
    with pytest.raises(Refused, match="not accepted"):
        _use(school, replace(phone, **changes[flaw]))  # type: ignore[arg-type] # one of its fields


@pytest.mark.parametrize("flaw", [{"origin": "https://evil.example"}, {"flags": PRESENT}])
def test_a_new_passkey_is_made_on_our_page_by_a_person_it_knew(school: School, flaw: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="not made as it must be"):
        added(school, _in(school), PASSWORD, **flaw)
    assert count(Passkey) == 0


def test_a_cookie_alone_adds_no_passkey_however_fresh(school: School) -> None:
    who = _in(school)
    for proof in (Proof(), Proof("wrong"), Proof(once="guessed")):
        with pytest.raises(Refused):
            passkeys.ask_to_add(school.house, who, proof)
    assert count(Challenge) == 0


def test_the_word_of_the_sign_in_adds_one_passkey_within_ten_minutes(school: School) -> None:
    who = _in(school, device="phone")
    options = passkeys.ask_to_add(school.house, who, Proof(once=who.offer))
    with pytest.raises(Refused):
        passkeys.ask_to_add(school.house, who, Proof(once=who.offer))
    passkeys.add(school.house, who, Authenticator().make(options), "My phone")
    other = _in(school, "deputy", device="tablet")
    with pytest.raises(Refused):
        passkeys.ask_to_add(school.house, who, Proof(once=other.offer))
    school.clock.pass_(minutes=10)
    with pytest.raises(Refused):
        passkeys.ask_to_add(school.house, other, Proof(once=other.offer))


def test_a_passkey_lets_in_another_one(school: School) -> None:
    who = _in(school)
    phone = added(school, who, PASSWORD)
    given = phone.answer(passkeys.ask_to_prove(school.house, who))
    options = passkeys.ask_to_add(school.house, who, Proof(assertion=given))
    passkeys.add(school.house, who, Authenticator().make(options), "Tablet")
    assert count(Passkey) == 2


def test_a_passkey_is_one_persons(school: School) -> None:
    phone = added(school, _in(school), PASSWORD)
    deputy = _in(school, "deputy")
    options = passkeys.ask_to_add(school.house, deputy, TYPED)
    with pytest.raises(Conflict, match="here already"):
        passkeys.add(school.house, deputy, phone.make(options), "Mine now")
    (row,) = fresh().scalars(sa.select(Passkey)).all()
    for deed in (passkeys.remove, lambda house, who, key: passkeys.rename(house, who, key, "x")):
        with pytest.raises(NotFound):
            deed(school.house, deputy, row.id)


def test_a_removed_passkey_opens_nothing_and_its_owner_is_told(school: School) -> None:
    who = _in(school)
    phone, tablet = added(school, who, PASSWORD), added(school, who, PASSWORD, "Tablet")
    row = fresh().scalars(sa.select(Passkey).where(Passkey.credential_id == phone.credential_id)).one()
    with pytest.raises(Refused, match="Type your password"):
        passkeys.remove(school.house, replace(who, proved_at=None), row.id)
    passkeys.remove(school.house, who, row.id)
    with pytest.raises(Refused):
        _use(school, phone)
    assert _use(school, tablet).id == school.head.id
    assert _told(school)[:3] == [News.PASSKEY_ADDED, News.PASSKEY_ADDED, News.PASSKEY_REMOVED]


def test_the_last_passkey_goes_with_the_password_and_not_where_it_is_the_only_second_way(
    school: School,
) -> None:
    head, author = _in(school), _in(school, "author")
    added(school, head, PASSWORD)
    added(school, author, PASSWORD)
    own = {row.person_id: row.id for row in fresh().scalars(sa.select(Passkey))}
    with pytest.raises(Refused, match="last passkey"):
        passkeys.remove(school.house, head, own[head.id], TYPED)
    with pytest.raises(Refused, match="Type your password"):
        passkeys.remove(school.house, author, own[author.id])
    passkeys.remove(school.house, author, own[author.id], TYPED)
    assert _in(school, "author").id == author.id


def test_with_a_passkey_the_password_alone_signs_no_approver_in(school: School) -> None:
    added(school, _in(school), PASSWORD)
    added(school, _in(school, "author"), PASSWORD)
    with pytest.raises(Refused, match="You have a passkey"):
        _in(school)
    assert _in(school, "author").id == school.author.id


def test_a_code_is_taken_once_and_half_a_minute_early_or_late(school: School) -> None:
    app = _app(school, _in(school))
    now = school.clock()
    for minutes in (-1, 1):
        with pytest.raises(Refused, match="code is not right"):
            _with_code(school, app.at(now + timedelta(minutes=minutes)))
    assert _with_code(school, app.at(now - timedelta(seconds=30))).id == school.head.id
    late = app.at(now + timedelta(seconds=30))
    assert _with_code(school, f"{late[:3]} {late[3:]}").id == school.head.id
    for used in (app.at(now), late):
        with pytest.raises(Refused, match="used before"):
            _with_code(school, used)


def test_a_code_comes_within_five_minutes_in_the_browser_that_asked(school: School) -> None:
    app = _app(school, _in(school))
    with pytest.raises(CodeNeeded) as needed:
        _in(school, device="phone")
    code = app.at(school.clock())
    for pending, device in ((needed.value.pending, "thief"), ("guessed", "phone")):
        with pytest.raises(Refused, match="sent twice"):
            accounts.sign_in_with_code(school.house, pending, code, True, device)
    accounts.sign_in_with_code(school.house, needed.value.pending, code, True, "phone")
    school.clock.pass_(minutes=1)
    with pytest.raises(Refused, match="sent twice"):
        accounts.sign_in_with_code(school.house, needed.value.pending, app.at(school.clock()), True, "phone")


def test_the_secret_of_the_codes_is_not_in_the_database_as_it_is(school: School) -> None:
    app = _app(school, _in(school))
    stored = fresh().scalars(sa.select(codes.Codes.secret)).one()
    assert app.secret not in stored
    with pytest.raises(Refused, match="cannot be checked any more"):
        codes.reveal(fresh().scalars(sa.select(codes.Codes)).one(), "another key" * 4)


def test_codes_hold_only_once_confirmed_and_are_told(school: School) -> None:
    head = _in(school)
    sign_in_codes.start(school.house, head)
    with pytest.raises(Refused, match="not right"):
        sign_in_codes.confirm(school.house, head, "000000")
    assert _in(school).id == head.id
    _app(school, head)
    with pytest.raises(Conflict):
        sign_in_codes.start(school.house, head, TYPED)
    with pytest.raises(Refused, match="only way in"):
        sign_in_codes.remove(school.house, head, TYPED)
    added(school, head, PASSWORD)
    with pytest.raises(Refused, match="Type your password"):
        sign_in_codes.remove(school.house, replace(head, proved_at=None))
    sign_in_codes.remove(school.house, head, TYPED)
    assert _told(school) == [News.CODES_CHANGED, News.PASSKEY_ADDED, News.CODES_CHANGED]


def test_a_new_device_is_told_once_and_only_its_hash_is_kept(school: School) -> None:
    for device in ("phone", "phone", "tablet"):
        _in(school, device=device)
    assert _told(school) == [News.NEW_SIGN_IN, News.NEW_SIGN_IN]
    assert {"phone", "tablet"}.isdisjoint(fresh().scalars(sa.select(Device.token_hash)).all())


def test_staff_are_offered_a_passkey_once_on_each_device_and_approvers_until_they_have_one(
    school: School,
) -> None:
    offered = {
        who: [bool(_in(school, who, device).offer) for device in ("phone", "phone", "tablet")]
        for who in ("author", "head", "office")
    }
    assert offered == {
        "author": [True, False, True],
        "head": [True, True, True],
        "office": [True, True, True],
    }


def test_changing_the_password_and_leaving_are_told(school: School) -> None:
    head = _in(school)
    accounts.change_password(school.house, head, PASSWORD, NEW)
    accounts.set_active(school.house, school.office, head.id, False)
    assert _told(school) == [News.PASSWORD_CHANGED, News.ACCOUNT_CLOSED]


def test_whoever_leaves_has_no_way_in_left(school: School) -> None:
    head = _in(school, device="phone")
    _app(school, head)
    phone = added(school, head, PASSWORD)
    asked = passkeys.ask_to_sign_in(school.house, "phone")
    accounts.set_active(school.house, school.office, head.id, False)
    assert accounts.who(head.token, school.clock()) is None
    with pytest.raises(Refused):
        passkeys.sign_in(school.house, phone.answer(asked), True, "phone")
    accounts.set_active(school.house, school.office, head.id, True)
    with pytest.raises(Refused):
        _use(school, phone)
    assert (count(codes.Codes), count(Device)) == (0, 0)


def test_the_office_helps_somebody_back_in_who_then_has_only_the_new_password(school: School) -> None:
    head = _in(school)
    _app(school, head)
    phone = added(school, head, PASSWORD)
    with pytest.raises(Refused, match="Type your password"):
        accounts.help_back_in(school.house, school.office, head.id, NEW)
    accounts.help_back_in(school.house, school.office, head.id, NEW, TYPED)
    assert accounts.who(head.token, school.clock()) is None
    with pytest.raises(Refused):
        _use(school, phone)
    with pytest.raises(Refused):
        _in(school)
    assert _in(school, password=NEW).id == head.id
    assert _told(school)[-1] is News.PASSWORD_CHANGED
    line = fresh().scalars(sa.select(audit.Line).where(audit.Line.event == "helped back in")).one()
    assert (line.by, line.subject) == (str(school.office.id), str(head.id))


@pytest.mark.parametrize("who", ["office", "head", "author"])
def test_nobody_helps_themself_and_only_the_office_helps(school: School, who: str) -> None:
    about = school.office.id if who == "office" else school.deputy.id
    with pytest.raises(Forbidden):
        accounts.help_back_in(school.house, school.people[who], about, NEW, TYPED)


def test_the_console_helps_an_office_of_one(school: School) -> None:
    accounts.help_back_in(school.house, None, school.office.id, NEW)
    assert _in(school, "office", password=NEW).id == school.office.id


def test_an_account_is_made_by_an_office_that_is_there(school: School) -> None:
    absent = replace(school.office, proved_at=None)
    with pytest.raises(Refused, match="Type your password"):
        accounts.add_person(school.house, absent, "New", "new@puddle-lane.example", school.head.role, NEW)


def test_a_question_that_nobody_answered_is_deleted_after_a_day(school: School) -> None:
    passkeys.ask_to_sign_in(school.house, "a")
    school.clock.pass_(days=2)
    passkeys.ask_to_sign_in(school.house, "b")
    assert count(Challenge) == 1


def test_a_question_is_deleted_with_its_persons_ways_in(school: School) -> None:
    head = _in(school)
    passkeys.ask_to_prove(school.house, head)
    accounts.help_back_in(school.house, school.office, head.id, NEW, TYPED)
    assert count(Challenge) == 0
