"""What may stand in a document of ours: for each kind of dictionary its keys, and of what kind their values are. Pure.

Everything that is not named here stays behind: a list of what is bad would have to know what every program writes. Kinds
are those of ISO 32000-1 (the clause stands at each). "plain" is a number, a name, a truth, or an array of them; "[x]" an
array of x, "{x}" a dictionary whose keys the document chose. `copying` knows the kinds that are not listed here.
"""


def _keys(kind: str, names: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), kind)


_SPOKEN = {**_keys("text", "Alt ActualText E"), "Lang": "language"}

GRAMMAR: dict[str, dict[str, str]] = {
    # 7.7.3: pages. Their drawing, MediaBox and what they inherit is set by `clean`.
    "page": {
        **_keys("plain", "MediaBox CropBox BleedBox TrimBox ArtBox Rotate UserUnit StructParents Tabs"),
        "Resources": "resources",
        "Annots": "links",
        "Group": "group",
    },
    "resources": {
        "Font": "{font}",
        "XObject": "{drawn}",
        "ExtGState": "{state}",
        "ColorSpace": "{colours}",
        "Pattern": "{pattern}",
        "Shading": "{shading}",
        "Properties": "{mark}",
    },
    "mark": {"MCID": "plain", **_SPOKEN},
    # 8.9.5 and 8.10: pictures and drawings. What a picture's bytes need is set by `pictures`.
    "picture": {
        **_keys("plain", "Type Subtype Width Height ImageMask BitsPerComponent Intent Decode Interpolate"),
        **_keys("plain", "StructParent SMaskInData Matte"),
        "ColorSpace": "colours",
        "Mask": "mask",
        "SMask": "picture",
    },
    "form": {
        **_keys("plain", "Type Subtype FormType BBox Matrix StructParent StructParents"),
        "Resources": "resources",
        "Group": "group",
    },
    "group": {**_keys("plain", "Type S I K"), "CS": "colours"},
    # 8.7: patterns and shadings.
    "tiling": {
        **_keys("plain", "Type PatternType PaintType TilingType BBox XStep YStep Matrix"),
        "Resources": "resources",
    },
    "shaded": {**_keys("plain", "Type PatternType Matrix"), "Shading": "shading", "ExtGState": "state"},
    "shading": {
        **_keys(
            "plain", "ShadingType Background BBox AntiAlias Domain Coords Extend Matrix BitsPerCoordinate"
        ),
        **_keys("plain", "BitsPerComponent BitsPerFlag Decode VerticesPerRow"),
        "ColorSpace": "colours",
        "Function": "function",
    },
    # 7.10: functions.
    "numbers": {
        **_keys("plain", "FunctionType Domain Range Size BitsPerSample Order Encode Decode C0 C1 N Bounds"),
        "Functions": "function",
    },
    # 8.4.5: states of drawing. Halftones and curves for presses stay behind.
    "state": {
        **_keys("plain", "Type LW LC LJ ML D RI OP op OPM FL SM SA BM CA ca AIS TK"),
        "Font": "sized font",
        "SMask": "soft",
    },
    "soft": {**_keys("plain", "Type S BC"), "G": "form", "TR": "function"},
    # 8.6.5: colours of which the numbers are explained.
    "calibrated": _keys("plain", "WhitePoint BlackPoint Gamma Matrix Range"),
    "profile": _keys("plain", "N Range"),
    # 9.5 to 9.10: fonts.
    "font": {
        **_keys("plain", "Type Subtype BaseFont FirstChar LastChar Widths W DW W2 DW2 FontBBox FontMatrix"),
        "Encoding": "encoding",
        "ToUnicode": "encoding",
        "FontDescriptor": "descriptor",
        "DescendantFonts": "[font]",
        "CIDSystemInfo": "system",
        "CIDToGIDMap": "glyph map",
        "CharProcs": "{glyph}",
        "Resources": "resources",
    },
    "glyph": {},
    "differences": _keys("plain", "Type BaseEncoding Differences"),
    "letters": {**_keys("plain", "Type CMapName WMode"), "CIDSystemInfo": "system", "UseCMap": "encoding"},
    "system": {**_keys("word", "Registry Ordering"), "Supplement": "plain"},
    "descriptor": {
        **_keys(
            "plain", "Type FontName FontStretch FontWeight Flags FontBBox ItalicAngle Ascent Descent Leading"
        ),
        **_keys("plain", "CapHeight XHeight StemV StemH AvgWidth MaxWidth MissingWidth"),
        **_keys("program", "FontFile FontFile2 FontFile3"),
    },
    "program": _keys("plain", "Subtype Length1 Length2 Length3"),
    "numbers of glyphs": {},
    # 12.5.6.5: links, with the words for who hears them.
    "link": {
        **_keys("plain", "Type Subtype Rect Border C H QuadPoints F StructParent"),
        "BS": "border",
        "Contents": "text",
        "A": "action",
        "Dest": "place",
    },
    "border": _keys("plain", "Type W S D"),
    # 12.3.3: the outline.
    "outline": {**_keys("item", "First Last"), **_keys("plain", "Type Count")},
    "item": {
        **_keys("item", "First Last Next Prev"),
        "Parent": "item or outline",
        **_keys("plain", "Count C F"),
        "Title": "text",
        "Dest": "place",
        "A": "action",
    },
    # 14.7: the order in which it is read aloud, and what each part is.
    "tree": {
        **_keys("plain", "Type ParentTreeNextKey"),
        "K": "parts",
        "ParentTree": "parents",
        "RoleMap": "{plain}",
    },
    "part": {
        **_keys("plain", "Type S"),
        **_SPOKEN,
        "P": "part or tree",
        "K": "parts",
        "Pg": "to page",
        "A": "attributes",
        "ID": "identifier",
    },
    "marked": {**_keys("plain", "Type MCID"), "Pg": "to page", "Stm": "form"},
    "object": {"Type": "plain", "Pg": "to page", "Obj": "drawn or link"},
    "parents": {"Kids": "[parents]", "Limits": "plain", "Nums": "parents of"},
    "attribute": {
        **_keys(
            "plain", "O Placement WritingMode BackgroundColor BorderColor BorderStyle BorderThickness Padding"
        ),
        **_keys(
            "plain",
            "Color SpaceBefore SpaceAfter StartIndent EndIndent TextIndent TextAlign BBox Width Height",
        ),
        **_keys("plain", "BlockAlign InlineAlign TBorderStyle TPadding BaselineShift LineHeight ColumnCount"),
        **_keys(
            "plain", "TextDecorationColor TextDecorationThickness TextDecorationType RubyAlign RubyPosition"
        ),
        **_keys(
            "plain", "GlyphOrientationVertical ColumnGap ColumnWidths ListNumbering RowSpan ColSpan Scope"
        ),
        "Headers": "[identifier]",
        "Summary": "text",
    },
}

STREAMS = frozenset(
    ("picture", "form", "tiling", "glyph", "letters", "program", "profile", "numbers of glyphs")
)
"""The kinds that are always streams; shadings and functions may be."""
