"""The made-up trip that the policy's tests are about, and the shortest way to ask what was found."""

from tripupdates.policy.rules import PupilName, check
from tripupdates.vocabulary import Severity

# Half of them have names that are words as well; all are made up.
_NAMES = """
Rose Thistlebury / Grace Featherstoke / Mark Quillsworth / Summer Larkington / Will Mossington / May
Puddlewick / Hope Wobblewood / Joy Dandelow / Jack Merrywhistle / Daisy Nettleford / Heath Bramblethorpe /
Lake Pebblesham / Zoë Hill / José Brook / Ada Park / Bram Young / Cleo Brown / Dev Green / Esme Walker /
Finn Cook / Hari Day / Kezia Field / Mary-Jane Tumblebrook / Noor Smithering-Joneson / Ravi O’Brackish /
Rose Baker / Björn Sandpiper-Low
"""
PUPILS = tuple(PupilName(*name.split()) for name in _NAMES.split("/"))
STAFF = ("Ms Willow Sample", "Mr Rowan Specimen", "Hazel Placeholderby")
HANDLE = "PuddleLaneDemo"


def found(text: str) -> list[tuple[str, str, str]]:
    """Code, severity and excerpt of everything found in a text of this trip."""
    findings = check({"text": text}, PUPILS, STAFF, HANDLE)
    return [(finding.code, finding.severity.value, finding.excerpt) for finding in findings]


STOP, ASK, NOTE = Severity.STOP.value, Severity.ASK.value, Severity.NOTE.value
