"""What the practice Notify remembers: messages that it took, and its templates."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

from tripupdates.practice.memory import Memory

# As at the real one: what is sent to these comes to this end (docs: "Testing", smoke tests).
ENDS = {
    "+447700900002": "permanent-failure",
    "+447700900003": "temporary-failure",
    "perm-fail@simulator.notify": "permanent-failure",
    "temp-fail@simulator.notify": "temporary-failure",
}


@dataclass
class Message:
    """A text message or an e-mail that was taken."""

    id: str
    way: str
    to: str
    body: str
    subject: str
    reference: str
    stop: str
    at: datetime


@dataclass
class Template:
    """What the school has made at Notify."""

    name: str
    way: str
    body: str
    subject: str = ""

    @property
    def id(self) -> str:
        """Another name or text is another template."""
        return str(uuid5(NAMESPACE_URL, repr(self)))


def whole() -> list[Template]:
    """What a school makes there, and a template of something else."""
    return [
        Template("Dinner money", "sms", "Dear ((name)), dinner money is due."),
        Template("Trip Updates", "sms", "((message))"),
        Template("Trip Updates", "email", "((message))", "((subject))"),
    ]


@dataclass
class State(Memory):
    """One service: `arrives_after` is how long a message is on its way; `ends` are the ends of messages to some.

    `prefix` is put before each text, with a colon: a new service has its name there, until somebody turns that off.
    """

    messages: dict[str, Message] = field(default_factory=dict)
    templates: list[Template] = field(default_factory=whole)
    arrives_after: timedelta = timedelta(seconds=2)
    ends: dict[str, str] = field(default_factory=lambda: dict(ENDS))
    prefix: str = ""
    abroad: bool = False  # whether texts may go to other countries

    def apply(self, line: dict[str, Any]) -> None:
        """A message was taken."""
        self.messages[line["id"]] = Message(**line | {"at": datetime.fromisoformat(line["at"])})

    def take(self, way: str, to: str, body: str, subject: str, reference: str, stop: str) -> Message:
        """Keep a message."""
        with self.lock:
            id_ = str(uuid4())
            at = self.clock().isoformat()
            said = {"to": to, "body": body, "subject": subject, "reference": reference, "stop": stop}
            self.append({"id": id_, "way": way, "at": at} | said)
            return self.messages[id_]

    def all(self) -> list[Message]:
        """Every message, the newest first."""
        with self.lock:
            return list(reversed(self.messages.values()))

    def status(self, message: Message) -> str:
        """How far it has come by now."""
        age = self.clock() - message.at
        if age < self.arrives_after:
            return "created" if age < self.arrives_after / 4 else "sending"
        return self.ends.get(message.to, "delivered")
