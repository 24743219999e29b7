"""A version without some of its photos or places: what an approver may take out before approving. Pure."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from tripupdates.vocabulary import Channel, NotFound, Refused


def trimmed(
    manifest: Mapping[str, Any], number: int, photos: Collection[str], channels: Collection[str]
) -> dict[str, Any]:
    """The manifest as version `number`, without these photos (ids) and these channels; all else is as it was.

    A photo that then stands nowhere goes too. Raises NotFound where one of them is not in it, Refused where nothing is
    taken out, or no channel would be left.
    """
    if set(photos) - set(manifest["photos"]) or set(channels) - set(manifest["channels"]):
        raise NotFound("That is not in this update any more. Look at it again.")
    if not photos and not channels:
        raise Refused("Choose a photo or a place to take out.")
    left = {
        channel: what | {"photos": [photo for photo in what["photos"] if photo not in photos]}
        for channel, what in manifest["channels"].items()
        if channel not in channels
    }
    if not left:
        raise Refused("It would appear nowhere then. Send it back or reject it instead.")
    shown = {photo for what in left.values() for photo in what["photos"]}
    kept = {photo: what for photo, what in manifest["photos"].items() if photo in shown}
    if Channel.WEBSITE not in left and "link" in manifest:
        left = _without_link(left, manifest["link"])
        manifest = {name: value for name, value in manifest.items() if name != "link"}
    return {**manifest, "number": number, "photos": kept, "channels": left}


def _without_link(channels: Mapping[str, Any], link: str) -> dict[str, Any]:
    """Where it leads to a page that will not be there."""
    return {
        channel: what | {"text": what["text"].removesuffix(link).rstrip()}
        for channel, what in channels.items()
    }


def findings_left(
    findings: Sequence[Mapping[str, Any]],
    before: Sequence[str],
    manifest: Mapping[str, Any],
    x_text: bool,
) -> list[dict[str, Any]]:
    """The policy's remarks that still concern a trimmed manifest; those about alt texts with the photos' new numbers.

    `before` are the ids of the photos in the order in which the remarks number them; `x_text` says that X has words of
    its own.
    """
    after = [photo for photo in before if photo in manifest["photos"]]
    left = []
    for finding in findings:
        where = finding["where"]
        if where.startswith("alt "):
            photo = before[int(where.removeprefix("alt ")) - 1]
            if photo not in after:
                continue
            where = f"alt {after.index(photo) + 1}"
        elif not _stands(where, manifest["channels"], x_text):
            continue
        left.append({**finding, "where": where})
    return left


def _stands(where: str, channels: Collection[str], x_text: bool) -> bool:
    """Whether the passage of a remark, `text` or `x_text`, is still published somewhere."""
    on_x, elsewhere = Channel.X in channels, any(channel != Channel.X for channel in channels)
    return on_x if where == "x_text" else elsewhere or (on_x and not x_text)
