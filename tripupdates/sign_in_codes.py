"""Steps with the app that makes sign-in codes: set it up, confirm it with a first code, take it away."""

from tripupdates import audit
from tripupdates.database import transaction
from tripupdates.house import House
from tripupdates.passkeys import alarmed
from tripupdates.people import codes, passkeys, presence
from tripupdates.people.presence import NOTHING, Proof
from tripupdates.people.signing_in import Caller
from tripupdates.telling.records import tell
from tripupdates.vocabulary import Conflict, News, Refused

WRONG = "That code is not right, or was used before. Wait for the next one in the app, and type that."
LAST = "Your codes are your only way in beside the password. Add a passkey first, then take them away."


def start(house: House, caller: Caller, proof: Proof = NOTHING) -> None:
    """Make a secret, to be confirmed. Raises Refused where the person is not there, Conflict where codes are in use."""
    with alarmed(house), transaction() as session:
        presence.check(session, house, caller, proof)
        if codes.confirmed(session, caller.id) is not None:
            raise Conflict("You have an app for codes already. Take that away first.")
        codes.start(session, caller.id, house.settings.secret_key)


def confirm(house: House, caller: Caller, code: str) -> None:
    """From now on the password goes with a code. Its owner is told. Raises Refused, Conflict."""
    with transaction() as session:
        row = session.get(codes.Codes, caller.id)
        if row is None or row.confirmed_at is not None:
            raise Conflict("There is nothing to confirm. Open “Ways to sign in” again.")
        if not codes.accept(session, row, code, house.settings.secret_key, house.now()):
            raise Refused(WRONG)
        row.confirmed_at = house.now()
        audit.note(session, house.now(), caller.id, "set up sign-in codes", caller.id)
        tell(session, house.now(), caller.id, News.CODES_CHANGED)


def remove(house: House, caller: Caller, proof: Proof = NOTHING) -> None:
    """The password needs no code any more. Raises Refused where the person is not there, or has nothing else."""
    with alarmed(house), transaction() as session:
        if codes.confirmed(session, caller.id) is None:
            return
        if presence.needs_second(caller.role) and not passkeys.of_person(session, caller.id):
            raise Refused(LAST)
        presence.check(session, house, caller, proof)
        codes.forget(session, caller.id)
        audit.note(session, house.now(), caller.id, "took sign-in codes away", caller.id)
        tell(session, house.now(), caller.id, News.CODES_CHANGED)
