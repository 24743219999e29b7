"""What staff are told about what was in a document besides its pages: the kinds, never a value. Pure."""

WORDS = (
    "author, dates and programs",
    "hidden XMP data",
    "where a picture was taken",
    "what a camera or a program wrote into a picture",
    "earlier versions of the document",
    "attached files",
    "scripts, and actions that run by themselves",
    "links to files or programs",
    "notes and comments",
    "form fields (what they show stays)",
    "a digital signature (what it shows stays)",
    "sound, video or 3D",
    "small pictures of the pages",
    "private data of a program",
    "names of layers",
)
"""All that can be told, in the order in which it is."""

(
    INFO,
    XMP,
    PLACE,
    CAMERA,
    VERSIONS,
    FILES,
    SCRIPTS,
    ACTIONS,
    NOTES,
    FIELDS,
    SIGNATURE,
    MEDIA,
    THUMBNAILS,
    PRIVATE,
    LAYERS,
) = WORDS

# What a key that was left behind means, wherever it stood.
OF_KEY = {
    "/Metadata": XMP,
    "/PieceInfo": PRIVATE,
    "/LastModified": PRIVATE,
    "/SpiderInfo": PRIVATE,
    "/Thumb": THUMBNAILS,
    "/AA": SCRIPTS,
    "/OpenAction": SCRIPTS,
    "/JavaScript": SCRIPTS,
    "/AF": FILES,
    "/EmbeddedFiles": FILES,
    "/OCProperties": LAYERS,
}
# What an annotation that was left behind was.
OF_ANNOTATION = {
    **dict.fromkeys(("/Text", "/Popup"), NOTES),
    "/FileAttachment": FILES,
    **dict.fromkeys(("/Sound", "/Movie", "/Screen", "/3D", "/RichMedia"), MEDIA),
    "/Widget": FIELDS,
}


def in_order(told: set[str]) -> tuple[str, ...]:
    """The words that were told, in the order in which they are."""
    return tuple(words for words in WORDS if words in told)
