"""What happens when somebody signs in, however they showed who they are. Takes the step's session, commits nothing."""

from sqlalchemy.orm import Session

from tripupdates import audit
from tripupdates.house import House
from tripupdates.people import passkeys, presence
from tripupdates.people.records import Person, SignIn, hash_token
from tripupdates.people.signing_in import BORROWED_BROWSER, TRUSTED_PHONE, SignedIn, new_token
from tripupdates.telling.records import tell
from tripupdates.vocabulary import News


def enter(
    session: Session, house: House, person: Person, trusted: bool, device: str | None, offers: bool
) -> SignedIn:
    """A new sign-in. `device` is what the browser calls itself; None where there is none.

    A device not seen before is told to the person. With `offers`, a passkey is offered there once; to an approver
    and the office each time, until they have something better than a password.
    """
    token, now = new_token(), house.now()
    row = SignIn(
        token_hash=hash_token(token),
        person_id=person.id,
        created_at=now,
        expires_at=now + (TRUSTED_PHONE if trusted else BORROWED_BROWSER),
        proved_at=now,
    )
    session.add(row)
    new = device is not None and not passkeys.seen_before(session, person.id, hash_token(device), now)
    if new:
        tell(session, now, person.id, News.NEW_SIGN_IN)
    leads = presence.needs_second(person.role) and not presence.has_second(session, person.id)
    offer = presence.word(row, now) if offers and device is not None and (new or leads) else ""
    audit.note(session, now, person.id, "signed in")
    return SignedIn(person.id, person.name, person.role, token, now, offer)
