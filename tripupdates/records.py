"""Every table, gathered from its room: what migrations compare with."""

import tripupdates.approval.deputies
import tripupdates.approval.records
import tripupdates.approval.signed
import tripupdates.audit
import tripupdates.consent.links
import tripupdates.consent.records
import tripupdates.consent.requests
import tripupdates.documents.records
import tripupdates.health.records
import tripupdates.outbox.calls
import tripupdates.outbox.hands
import tripupdates.outbox.holds
import tripupdates.outbox.pauses
import tripupdates.outbox.records
import tripupdates.people.codes
import tripupdates.people.passkeys
import tripupdates.people.records
import tripupdates.photos.records
import tripupdates.policy.records
import tripupdates.telling.records
import tripupdates.trips.contacts
import tripupdates.trips.records  # noqa: F401 - importing is what registers the tables
from tripupdates.database import Base

METADATA = Base.metadata
