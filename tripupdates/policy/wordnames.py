"""Names that are words, and what a sentence does with a name (data only; naming.py decides with it).

A name that stands here is found only where it is used as a name; any other name on the trip's list is found
anywhere.
"""

from enum import Enum, auto


class Kind(Enum):
    """How a word behaves that is also a name."""

    PLAIN = auto()  # "a rose", "to mark": with a capital and no article it is likely to be a name
    MASS = auto()  # "hope is high": needs no article, so a sentence may begin with it
    TIME = auto()  # months, days, seasons: capitals and "in" or "this" are usual
    PLACE = auto()  # towns and counties


def _words(table: str) -> frozenset[str]:
    return frozenset(table.split())


TIMES = _words("""
april august autumn december easter february friday january july june march may monday november october
saturday september spring summer summers sunday thursday tuesday wednesday winter winters noel christmas
""")

MASS = _words("""
amber autumn beauty blessing charity clay cotton courage dawn destiny faith fern flint flora ginger gold
grace happiness harmony hazel heather heaven honey honor honour hope ice ivory jade jasper joy justice love
luck melody mercy olive patience peace pepper prudence rain reason sage salt sand sandy silver snow sorrow
star sunshine sunny temperance thyme trinity truth unity verity victory winter wisdom frost fish bread rice
beer barley hay wheat coal steel corn heath moss
""")

PLACES = _words("""
adelaide alexandria ashton asia austin bath bolton boston brecon brighton bristol britain brooklyn burton
buxton carlisle carolina chelsea cheshire chester china cornwall dakota dallas denver derby devon dover
dublin durham eden england essex eton everest florence france georgia germany hampton hastings hereford
holland india indiana ireland iona islay israel italy jersey jordan kendal kent kenya lancaster leeds
lincoln lisbon london lourdes ludlow lundy madison malta milan montana nevada newport newton norfolk oxford
paris phoenix preston ripon rome scotland selby sheffield skye snowdon stafford stratford sussex sutton
sydney trent venice verona victoria vienna wales warwick wells weston whitby windsor york
""")

_PLAIN = _words("""
abbey ace acorn al alder ale amen an and angel ant apple arch archer ark arm arrow art arum as ash aspen
aster at aura bacon bailey baker ball band bank banks bar bard barker barn barrow bass battle bay be beach
beacon bean bear beck bee bell bells bench berry best bill birch bird bishop black blackbird blade blaze
bliss block bloom blossom blue bo boat bolt bond book boot booth bow bowl bowler box branch brand brandy
brave breeze brewer brick bridge bridges bright brook brooks broom brown buck bull bunny bunting burn burns
bush butcher butler butter buttercup button buzz by bye can candle candy cannon cape captain card care carol
carpenter carter cash castle chance chapel chapman chase cherry chestnut child chip christian chuck church
clear clementine cliff cloud clover coast cobb cock coco colour comet con cook cooper coral cork cotter
cotton court cox crane cricket crisp croft cross crow crown crystal cub cuff cup cutler dahlia daisy dale
dandelion day days deacon dean dear dell den dew di diamond dig dill dishes do dodge dolly don dory dot dove
down drake draw dream drew drummer duck duke dusty dyer eagle earl early east ebony echo elder elm ember
emerald ever fair fairy falcon farmer farrier faun fawn fell felt fen field fielder fielding fields finch
fine fir fisher flag fleet fletcher flint flood flower flowers fly foot ford forest forester forge foster
fountain fowler fox foxglove frank free freedom freeman french friend fuller gale garden gardener garland
garnet gate gates gay gem gene genesis gift gill ginger glade glen glover go golden good goose grant grave
graves gray great green greenbottle greenwood grey grove gull gunner guy gypsy hale hall hammer hand hands
handy hard hardy hare harp harper harvest hatch haven hawk hay he head heart heath herb heron hill hills ho
hollow holly holm home hood hook hooper horn horner house howl hull hung hunt hunter hunting hyacinth ice if
in iris iron is isle it ivy jack jacks jam jar jasmine jay jean jeans jet jetty jewel job joiner jolly judge
juniper just keen keep kestrel key kind king kings kite kitten knight knot lacy lad lake lakes lamb lance
land lane lark lash lass laurel lavender law lawn lay leaf lee left legend len lens leopard lie light
lightning lily lime linden line linnet lion list little lock lodge lofty long loop lord lotus lou low luna
lynx lyric mace mackerel magnolia maid main maker man maple marble marigold marina mariner mark marsh
marshal marshall marten martin mason mast master mat matt max me mead meadow meadows merchant merit merlin
merry mile miles mill miller mills minder miner minstrel mint mixed mole monk moody moon moor morning mount
mountain muse my myrtle myth nan nettle new nick night nightingale no noble nod noon north nova nut nutmeg
oak oaks oasis ocean of on opal or orange orchard orchid organ osprey otter owl ox oyster pace page paint
painter palace palm palmer pansy parish park parks parrot parson partridge pass pat patch path pea peach
peacock pearl peel peg pen penny peony perch perry pet petal petunia pike pilot pine pink piper pitch pixie
plant plum pond pool poole pope poplar poppy port porter posy pot potter potts pound power powers pratt pray
press price pride priest primrose prince princess prior prize puck puffin purple quail queen quick quill
quince rabbit rail rain rainbow ranger raven ray read reading red reed reef reid rich ride rider ridge right
ring rings river rivers road roads rob robin rock rocket rocky rod roe roman roof rook root rose rosebud
rosemary round row rowan rower rowing royal ruby rue rush russet rust rusty rye sack saffron sailor saint
sandpiper sands sapphire savannah sawyer say scarlet scarlett scout scribe sea seal see self senior serene
shade shadow shaman sharp she shell shelter shepherd shore short sienna singer sir skip skipper sky skylar
slade slate slater small smart smith so sole son song songs sonny sorrel south spark sparks sparrow spear
speed spice spike sprout squire stag star starling starr steel steele steer stem sterling stern steward
stewart still stock stone stones storey storm story strand stream street strong sue sun sunny swallow swan
sweet swift sylvan tailor tan tanner tapper teal teller terrace thatcher thistle thorn thorne thrush tide
tiger till timber tin tinker to topaz torch tow tower towers town tree trees trigger trip trout trudge true
trust tuck tucker tulip turner tweed twin up us usher vale valley van vance velvet verge vet victor viking
vine viola violet wade wagon walk walker wall walls ward warden ware warner warren water waters wave
waverley we weaver week weeks well welsh west wheat wheel wheeler white whiting wild wilder wilderness kit
teddy billy bobby will willow wills win wind wing winner wise wish wolf woman wonder wood woodcock woodland
woodman woods woody word words worth wren yard year yew young youngs zephyr zest zinnia
""")

# Small words inside surnames; never a name by themselves.
PARTICLES = _words("""
abu ap ben bin bint da dal das de del della den der des di dos du el ibn la las le los mac mc o of st saint
san santa te ten ter the van von y z
""")


def kind(word: str) -> Kind | None:
    """How this lower-case word behaves, or None where it is no word of everyday English: only a name."""
    if word in TIMES:
        return Kind.TIME
    if word in PLACES:
        return Kind.PLACE
    if word in MASS:
        return Kind.MASS
    return Kind.PLAIN if word in _PLAIN or word in PARTICLES or len(word) < 2 else None


# What follows a person: "Rose fell", "Mark was". Words ending in -ed count too, except the last row.
VERBS = _words("""
ate beat became began bit blew bought bounced broke brought built came caught chose climbs cried did drank
drew drove enjoys explores fell felt finds fought found gave gets gives goes got grins grew had has helps
hid held hit hurt joins jumps keeps kept knew laughs laughed leads leapt led left leaps likes looks lost
loves made makes met needs paddles plays put ran rang reaches reads rode rows said sails sang sat saw says
sees sends sent shone shot shows sings sits slept slid smiles spoke spotted spent stands stood stuck swam
swims swung takes talks thinks threw told took tries tells understood walks wakes wants waves wears went
wins woke won wore works wrote hugs cuts loses gasps misses hasn't didn't wasn't isn't couldn't wouldn't
won't hasnt didnt wasnt isnt
""")
COPULAS = _words("is was")
NOT_VERBS = _words("""
need feed seed weed indeed speed hundred naked sacred wicked shed sled breed bleed rugged aged
""")
ADVERBS = _words("""
also always bravely even finally just never nearly nobly not now only really safely soon still then
""")
# What an abstract noun or a season does as well: "Hope faded", "Summer arrived".
THINGS_DO = _words("""
arrived became began came ended faded filled finished followed gave grew had has helped kept lasted left
made meant passed reigned remained returned said seemed shone spread started stayed turned went
""")

# What stands before a person: "with Mark", "thanks to Rose".
BEFORE_A_PERSON = _words("""
about after although and as asked because before behind beside besides but by called cheered dear did even
except for from gave had has helped hear heard help is joined let like little love made meet met named near
next of or our past poor saw see so than thank thanks that then to told towards until was watch watched when
where while who why with without young
""")
JOINERS = _words("and with but then when while because so after before that")
WITH = _words("with and n")
PRAISE = _words("bravo congrats congratulations done hooray hurray thanks thank kudos welcome cheers")
BEFORE_PRAISED = {"done": "well"}
BETWEEN_PRAISE = _words("to our little you goes")

ARTICLES = _words("a an the this that these those each every any some no another one two three")
BEFORE_A_TIME = _words("""
in on this next last late early since until by from of mid every each during all through to
""")
BEFORE_A_PLACE = _words("""
in at to from near of visit visited around across reached reaching leaving left for towards through outside
inside lake mount river castle north south east west old new upper lower little great isle port royal
""")
# What makes a place, a group or a thing out of the name before it: "Rose Cottage", "Summer Camp".
AFTER_IN_A_NAME = _words("""
adventure avenue bank barn bay beach bear bears bridge brook bus camp campsite castle centre challenge
chapel church class close club cottage court cove dale day days district dome dorm drive estate fair farm
fayre fell field fields fleet forest fun garden gardens gate gates group groups half hall harbour head heath
hill hills hike holiday holidays house inn island isle lake lakes lane lighthouse line lodge manor meadow
mill moor museum owl owls pack palace park patrol peak place point pond pool quarry railway reserve
residential ridge river road school scouts shop show sports square station street studies team term theatre
tower trail trek trip tunnel valley view village walk walks wall week wharf wood woods yard
""")
TITLES = _words("mr mrs miss ms mx dr master sir madam professor prof rev reverend")
CAPTION = _words("and at beside by holding in inside near on up wearing with under using")
OPENERS = _words("""
after and at but finally later now so then today tomorrow tonight when while yesterday in on
""")

# Everyday phrases in which none of the words is a name, whatever its capital.
_PHRASES = """
autumn colours, autumn has arrived, autumn is here, autumn leaves, autumn's here, daisy chain, daisy chains,
dawn broke, dawn chorus, free will, good will, grace before, grace is said, grace was said, high summer,
high water mark, hope all, hope everybody, hope everyone, hope is high, hope is that, hope that, hope the,
hope they, hope was that, hope we, hope you, in hope, indian summer, jack and the beanstalk, jack frost,
jack in the, jack o, joy all round, jumped for joy, jumping for joy, jumping jack, mark in your, mark it,
mark making, mark off, mark on the map, mark out, mark the, mark this, mark up, mark your, mary rose, may
all, may bank, may be, may blossom, may day, may half, may have, may i, may not, may the, may they, may we,
may you, queen victoria, question mark, robin hood, robin redbreast, roman army, roman baths, roman coins,
roman day, roman fort, roman helmets, roman remains, roman road, roman soldiers, roman times, roman villa,
roman wall, rose bush, rose bushes, rose coloured, rose hips, rose petals, rose pink, rose quartz, rose red,
rose scented, rose tinted, rose window, said grace, say grace, saying grace, shouts of joy, spring flowers,
spring has arrived, spring is here, spring lambs, spring water, spring's here, summer evening, summer
evenings, summer has arrived, summer is coming, summer is here, summer is nearly, summer is over, summer
morning, summer night, summer rain, summer reading, summer season, summer solstice, summer sun, summer
sunshine, summer time, summer weather, summer's day, summer's evening, summer's here, tears of joy, tudor
rose, union jack, victoria cross, victoria sponge, we hope, will be, will it, will they, will we, will you,
winter has arrived, winter is here, winter sun, winter weather, winter's here
"""


def _by_word(table: str) -> dict[str, tuple[tuple[str, ...], ...]]:
    phrases = [tuple(phrase.split()) for phrase in table.split(",")]
    return {
        word: tuple(phrase for phrase in phrases if word in phrase) for phrase in phrases for word in phrase
    }


PHRASES = _by_word(_PHRASES)
