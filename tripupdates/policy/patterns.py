"""Phrases that break a clause wherever they stand: one table, a row for each clause and severity.

Written for folded text (folding.py). Sources: the school's policy (phrases.CLAUSES); for contact details
GOV.UK's postcode format and RFC 5322's e-mail addresses; X's own pricing of posts with a link (docs.x.com,
2026). Every repeat is bounded or anchored, so that a long hostile text costs no more than reading it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tripupdates.policy.findings import Hit
from tripupdates.policy.folding import Folded
from tripupdates.vocabulary import Severity

STOP, ASK, NOTE = Severity.STOP, Severity.ASK, Severity.NOTE


@dataclass(frozen=True)
class Row:
    """A phrase that breaks the clause `code`, and what its author is told.

    `once`: the first in a passage says it all.
    """

    code: str
    severity: Severity
    message: str
    phrase: re.Pattern[str]
    once: bool = False


def find_patterns(folded: Folded) -> Iterator[Hit]:
    """Everything in the table that the text holds."""
    for row in TABLE:
        for match in row.phrase.finditer(folded.text):
            yield Hit(row.code, row.severity, match.start(), match.end(), row.message)
            if row.once:
                break


# Words in capitals stand for one of these in the phrases below.
_ONE_OF = {
    "GROUP": "groups? class classes teams? school year children pupils bunch set crew lot audience",
    "PUPIL": "child pupil student boy girl kid swimmer climber singer camper walker paddler sailor dancer",
    "ADULT": "teachers? teaching\\sassistants? instructors? leaders? guides? drivers? staff headteacher",
    "BAD": "rubbish useless awful terrible hopeless horrible boring rude grumpy incompetent dreadful lazy",
    "NETWORK": (
        "twitter x\\saccount x\\spage insta instagram facebook fb snap snapchat tiktok whats\\s?app youtube "
        "linkedin bluesky mastodon account profile dms? inbox blog vlog"
    ),
    "BEDROOM": "room bedroom dorm dormitory cabin chalet lodge tent pod bunk hut yurt tipi wigwam",
    "NUMBER": "one two three four five six seven eight nine ten eleven twelve",
    "UNIT": (
        "times? miles? km kilometres? m metres? minutes? mins? hours? hrs? nights? days?  weeks? of\\sus pm "
        "am o'clock children pupils people points? steps degrees"
    ),
    "SUPERLATIVE": (
        "best worst naughtiest laziest cleverest brightest smartest slowest fastest loudest weakest "
        "strongest bravest kindest funniest (?:most|least)\\s[a-z]{1,20}"
    ),
}
_NAMED = re.compile("|".join(_ONE_OF))


def _any(*phrases: str) -> re.Pattern[str]:
    """Any of the phrases, which are parted by "",
    "": whole words, in any case, a line break as good as a space."""
    choices = "|".join(choice.strip() for line in phrases for choice in line.split(" / "))
    spelled = _NAMED.sub(lambda found: f"(?:{'|'.join(_ONE_OF[found[0]].split())})", choices)
    return re.compile(rf"(?<![\w'])(?:{spelled.replace(' ', chr(92) + 's')})(?!\w)", re.IGNORECASE)


_REPLIES = "This invites replies. Say what happened instead; families can talk to the school directly."
_ACCOUNT = "This points to somebody’s own account. Only the school’s account is used: take it out."
_PERSONAL = "This is personal. Take it out, or tell the family concerned directly."
_OPINION = "This is an opinion about one person. Praise the whole group, or say what everybody did."
_ONE_PERSON = "This speaks of one person. If that is a pupil or a colleague, say “we” or “the group”."
_EMAIL = "This is an e-mail address. Take it out: families have the school’s address already."
_POSTCODE = "This looks like a postcode, which tells strangers where pupils are. Take it out."
_BEDS = "This tells strangers where pupils sleep. Say “the dormitories” or “our cabins” without a number."
_MEETING = "This lets anybody into a meeting. Take it out; the office can send it to parents."
_LINK = (
    "This is a link: families leave the page, and X charges many times more for a post with one. Take "
    "it out, unless "
    "the school wants it here."
)

_REST_OF_LINK = r"(?:/[\w./?=&%+#-]{0,500})?"
_ENDINGS = "com|org|net|uk|info|eu|io|tv|gov|edu|wales|scot|co|ly"
_OUTWARD = "[A-PR-UWYZ][A-HK-Y]?[0-9][0-9A-HJKPSTUW]?"
_INWARD = "[0-9][ABD-HJLNP-UW-Z]{2}"  # never C I K M O V
# Written small, "2nd" and "3hr" are no halves of postcodes.
_SMALL_WORDS = "[0-9](?:st|nd|rd|th|hr|ft|lb|yd|gb)"

DEBATE = (
    Row("debate", STOP, _REPLIES, re.compile(r"(?<!\w)RT(?!\w)")),
    Row("debate", STOP, _REPLIES, _any(
        "re-?tweet(?:s|ed|ing)? / re-?posts? / quote[- ](?:tweet|post) / polls? / have your say",
        "caption this",
        "comments? (?:below|section|on this|if|with|your) / in the comments / leave (?:us )?a comment",
        "drop (?:us )?a (?:comment|message|line) / reply (?:with|below|if|here) / in the replies",
        "replies below",
        "tag (?:a friend|your|someone|somebody|us|them)(?: [a-z]{1,20})? / agree or disagree / guesses below",
        r"(?:cast your |please )?(?<!\ba )(?<!\bthe )(?<!\bour )(?<!\bto )votes?(?: (?:for|now|here|below))?",
        "let us know (?:what|which|who|how|if|your|in|below)[a-z ]{0,40}",
        "tell us (?:what|which|who|your|if)[a-z ]{0,40}",
        "we'd love to hear (?:your|what|from)[a-z ]{0,30} / please share / like and share",
        "like this (?:post|if)",
        "send us your (?:thoughts|guesses|ideas|answers|views|opinions)",
        "(?:hit|click|press|smash) (?:the )?like",
        "share (?:this|your) (?:post|tweet|thoughts|views)",
    )),
    Row("debate", ASK, _REPLIES, _any(
        "what do you (?:all )?think / what would you / do you agree / who agrees / can you guess",
        "guess (?:who|what|where|which|how (?:many|much|far|high))[a-z ]{0,40}",
        "any (?:ideas|guesses|thoughts)",
        "your (?:thoughts|views|opinions)",
    )),
)  # fmt: skip

CONTACT = (
    Row("contact", STOP, _EMAIL, re.compile(
        r"(?<![\w.%+-])[\w.%+-]+@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}"
    )),
    Row("contact", STOP, _POSTCODE, re.compile(
        rf"(?<!\w)(?:{_OUTWARD}\s?{_INWARD}|(?i:{_OUTWARD}\s?(?!{_SMALL_WORDS}){_INWARD}))(?!\w)"
    )),
    Row("contact", STOP, _BEDS, _any(
        r"BEDROOMs? (?:number |no\.? ?|# ?)?[0-9]{1,4}[a-z]?(?![0-9]|[.:][0-9]|[\s-]?UNIT(?!\w))",
        r"BEDROOM (?:number )?NUMBER(?![\s-]UNIT(?!\w)) / BEDROOM (?:number )?[A-H](?=[.,;!?\n]|$)",
    )),
    Row("contact", STOP, _MEETING, _any(
        r"(?:https?://)?(?:[a-z0-9-]{1,63}\.){0,4}(?:zoom\.us|zoom\.com|teams\.microsoft\.com|teams\.live\.com|"
        r"meet\.google\.com|whereby\.com|webex\.com|chat\.whatsapp\.com|wa\.me|discord\.gg|t\.me)"
        + _REST_OF_LINK,
        "(?:zoom|meeting|teams|meet) (?:id|link|code)s?",
        "(?:zoom|teams|webex|google meet) (?:call|meeting)s? / passcode",
    )),
    Row("contact", ASK, _LINK, re.compile(
        r"(?<![\w@.-])(?:https?://[^\s<>\"]{0,500}[^\s<>\"'.,;:!?)\]]"
        rf"|(?:[a-z0-9-]{{1,63}}\.){{1,6}}(?:{_ENDINGS})(?![\w-]){_REST_OF_LINK}"
        r"|www\.[a-z0-9.-]{1,100}[a-z0-9]" + _REST_OF_LINK +
        r"|(?:youtu\.be|fb\.me)/[\w./?=&%+#-]{0,500})", re.IGNORECASE
    )),
)  # fmt: skip

OPINIONS = (
    Row("opinions", ASK, _OPINION, _any(
        "(?:the|our|my) (?:very )?SUPERLATIVE[ -](?:behaved )?PUPIL / favou?rite PUPIL",
        "(?:the|our|my) (?:best|worst|favourite|nicest|funniest|grumpiest|strictest|loveliest|kindest) ADULT",
        r"(?:our |the )?(?:worst|badly|poorly)[- ]behaved / best[- ]behaved(?! GROUP)",
        r"misbehav(?:ed|ing|es|iour)",
        r"(?:the )?most (?:talented|gifted|able|intelligent|annoying|popular|improved)(?! GROUP(?!\w))",
        "naughty / naughtiest / laziest / disobedient / bossy / stupid / teacher's pet / class clown",
        "trouble ?makers?",
        r"lazy(?! (?:river|morning|afternoon|day|sunday|lunch|start|evening|breakfast|seal|sheep|cow|cat))",
        "star (?:pupil|student|child|camper) / (?:pupil|child|camper|student) of the (?:day|week|trip)",
        "ADULT (?:was|were|is|are) (?:(?:a bit|so|really|very|absolutely|totally|rather) )?BAD / BAD ADULT",
        "(?:proud of|well done to|impressed with) (?:him|her)(?! GROUP)",
    )),
    Row("opinions", NOTE, _ONE_PERSON, _any("s?he / him / her / hers / his / himself / herself"), once=True),
)  # fmt: skip

ACCOUNTS = (
    Row("accounts", STOP, _ACCOUNT, _any(
        "my (?:own |personal |private )?NETWORK / follow me / dm me / (?<![0-9])(?<![0-9] )pm me",
        "dms are open",
        "(?:whats ?app|message|text|call|ring|phone|e-?mail|snap|inbox) me / add me (?:on|as)",
        "friend me / find me on",
        "(?:his|her|their) (?:own |personal )?(?:twitter|insta(?:gram)?|facebook|snapchat|tiktok|youtube)",
    )),
)  # fmt: skip

PERSONAL = (
    Row("personal", ASK, _PERSONAL, _any(
        "allerg(?:y|ies|ic) / medication / medicines? / medical / antibiotics / inhalers? / epi-?pens?",
        "insulin",
        "asthma(?:tic)? / diabet(?:es|ic) / epilep(?:sy|tic) / hay ?fever / coeliac / intolerances?",
        "autis(?:m|tic)",
        "adhd / dyslexi[ac] / special needs / additional needs / disabilit(?:y|ies) / disabled / wheelchair",
        "hearing aids? / free school meals / pupil premium / bed-? ?wetting / wet the bed",
        "divorc(?:e|ed|ing)",
        "foster(?:ed)? (?:care|child|children|parents?|carers?|mum|dad) / social (?:worker|services)",
        "custody",
        "(?:parents|mum and dad) (?:are|have) (?:separated|split) / birthdays? / pregnant / puberty",
        "anxiety",
        "home address(?:es)? / child(?:ren)? in care / looked[- ]after child(?:ren)? / counsell(?:ing|or)",
        "depress(?:ed|ion) / passport numbers?",
        "(?:his|her) (?:mum|mummy|dad|daddy|mother|father|parents|brother|sister|twin|gran|grandad|family)",
    )),
)  # fmt: skip

TABLE = (*DEBATE, *CONTACT, *OPINIONS, *ACCOUNTS, *PERSONAL)
