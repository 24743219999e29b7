"""The school's words (data only): the clauses of its policy, and what may upset families."""

from tripupdates.policy.findings import SchoolWords

# The whole policy. Those that words can break are checked by rules.py; the others are kept elsewhere
# (DESIGN.md).
CLAUSES = {
    "account": "Only the school’s own account is used.",
    "authors": "Only staff of the school post.",
    "text_first": "Every update is words first; photos are extra.",
    "images": "Photos show the event or the place.",
    "group_images": "Pupils appear only in group photos, and only where their parents said yes.",
    "names": "No pupil is named in a post.",
    "staff": "No details of staff are given in a post.",
    "personal": "Nothing personal about anybody is posted.",
    "contact": "No contact details, and nothing that tells where a pupil sleeps.",
    "upsetting": "Nothing upsetting is posted.",
    "opinions": "No opinion about a pupil or a member of staff is posted.",
    "debate": "A post never invites debate.",
    "mentions": "A post mentions no account.",
    "accounts": "Nobody’s personal account appears in a post.",
}

_WORDS = """
abducted, abuse, abused, accident, accidents, afraid, ambulance, ambulances, anxious, arrested, assault,
assaulted, attack, attacked, bereaved, bereavement, bleeding, blood, bomb, broke down, broken ankle, broken
arm, broken bone, broken finger, broken leg, broken wrist, bullied, bullies, bully, bullying, collapsed,
collision, concussed, concussion, contagious, covid, crash, crashed, cried, crying, danger, dangerous, dead,
death, die, died, drowned, drowning, dying, emergency, evacuated, evacuation, explosion, fainted, fatal, fear,
fever, fight, fighting, fights, fire, fires, food poisoning, fought, fracture, fractured, frightened, funeral,
grief, gun, harassed, head lice, home sick, homesick, homesickness, hospital, hurt, hypothermia, ill, illness,
infection, injured, injuries, injury, intruder, kidnapped, killed, knocked out, lost, miserable, missing,
nightmare, nightmares, nits, norovirus, outbreak, panic, panicked, panicking, paramedic, paramedics, police,
poorly, punched, rescue, rescued, sad, scared, seizure, sick, sickness, sobbed, sobbing, sprained, stabbed,
stitches, stolen, stranded, suicide, swept away, tearful, tears, terrified, terror, theft, threat, threatened,
trapped, unconscious, unhappy, unsafe, unwell, upset, upsetting, violence, violent, virus, vomit, vomited,
vomiting, weapon, worried, wounded
"""

_ALLOWED = """
animal rescue, around a fire, around our fire, around the fire, balloon fight, battle was fought,
battles were fought, beside the fire, blood orange, blood oranges, blood pumping, build a fire, building a
fire, building fires, built a fire, built fires, built our own fire, by the fire, camp fire, camp fires, crash
course, crash helmet, crash helmets, crash mat, crash mats, cried with laughter, cross stitches, crying with
laughter, dead ahead, dead leaves, dead sea, dead wood, emergency blankets, emergency shelter, emergency
shelters, fighting fit, fire alarm practice, fire building, fire circle, fire drill, fire lighting, fire
making, fire pit, fire pits, fire practice, fire safety, fire steel, fire steels, fire was lit, fires were
lit, fought a battle, in stitches, lay a fire, light a fire, light fires, lighting a fire, lighting fires, lit
a fire, lit fires, lit our fire, lit our own fire, lit the fire, log fire, lost and found, lost count, lost
for words, lost in a book, lost in our books, lost our voices, lost property, lost track of time, lost world,
make a fire, making a fire, making fires, missing link, missing out, missing piece, missing pieces, missing
word, missing words, never scared, no fear, no longer scared, nobody got lost, nobody was hurt, nobody was
scared, not afraid, not scared, nothing missing, open fire, over a fire, over the fire, pillow fight, play
fight, rescue centre, rescue dogs, roaring fire, roll a die, rolled a die, round a fire, round the fire, sad
to leave, sad to say goodbye, sewing stitches, snowball fight, snowball fights, sword fight, sword fighting,
sword fights, tears of joy, tears of laughter, water fight, water fights, waves crash, waves crashed, without
fear, without getting lost
"""


def _phrases(table: str) -> tuple[str, ...]:
    return tuple(" ".join(phrase.split()) for phrase in table.split(","))


DEFAULT_WORDS = SchoolWords(upsetting=_phrases(_WORDS), allowed=_phrases(_ALLOWED))
