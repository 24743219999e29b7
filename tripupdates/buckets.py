"""A place in an S3-compatible bucket: whole objects in, whole objects out, and nothing that was deleted stays.

Who we are and where the bucket lies come from the usual variables of S3's tools, which the library reads itself:
`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_DEFAULT_REGION`, and `AWS_ENDPOINT_URL_S3` for a bucket that is not
Amazon's. An object appears whole or not at all, which is all that the rest of the program builds upon.
"""

import base64
import errno
import hashlib
import mimetypes
import os
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

NO_CLIENT = "its client is not installed: pip install 'tripupdates[s3]'."
FORM = "must be s3://bucket or s3://bucket/prefix, in small letters, digits, dots and dashes."
VERSIONED = (
    "The bucket keeps older versions of what is deleted, so a withdrawn photo would never be gone. "
    "Take a bucket without versioning."
)
NOT_ASKED = (
    "The bucket does not tell us whether it keeps older versions of what is deleted. Allow "
    "s3:GetBucketVersioning, or take another bucket."
)
NOT_KEPT = "max-age=0"
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"(?:[A-Za-z0-9_-]+/)*[A-Za-z0-9_-]+")
_MISSING = frozenset({"NoSuchKey", "404"})
AT_ONCE = (
    1000  # the most that one request deletes: docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
)


class KeepsVersions(OSError):
    """The bucket would keep what we delete; the text says so."""


@dataclass(frozen=True)
class Listed:
    """What a listing tells of an object: when it was written, and its bytes' MD5 in hexadecimal, '' where that is not told."""

    written: datetime
    md5: str


@dataclass(frozen=True)
class Bucket:
    """The objects of a bucket below a prefix ('' for all of it). Every method raises OSError where the bucket cannot be had."""

    name: str
    prefix: str = ""

    def below(self, folder: str) -> "Bucket":
        """The place `folder` in this place."""
        return Bucket(self.name, self._key(folder))

    def read(self, path: str) -> bytes:
        """An object's bytes. Raises FileNotFoundError where it is not there."""
        with _as_os_errors():
            answer = client().get_object(Bucket=self.name, Key=self._key(path))
            return bytes(answer["Body"].read())

    def write(
        self, path: str, data: bytes, caching: str = NOT_KEPT, kind: str = "", packed: str = ""
    ) -> None:
        """Put an object there, whole, for good before returning; with what a browser is told of it.

        `caching`, `kind` and `packed` are Cache-Control, Content-Type and, where it is not '', Content-Encoding. The
        name tells the kind where nobody does.

        Raises KeepsVersions where the bucket would keep it for ever.
        """
        self.check()
        kind = kind or mimetypes.guess_type(path)[0] or "application/octet-stream"
        sum_ = base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
        about = {"ContentType": kind, "CacheControl": caching}
        if packed:
            about["ContentEncoding"] = packed
        with _as_os_errors():
            client().put_object(Bucket=self.name, Key=self._key(path), Body=data, ContentMD5=sum_, **about)

    def delete(self, paths: Collection[str]) -> None:
        """Make these gone; harmless where they are gone already. Raises OSError where one of them stays."""
        self.check()
        keys = [{"Key": self._key(path)} for path in paths]
        for start in range(0, len(keys), AT_ONCE):
            objects = keys[start : start + AT_ONCE]
            with _as_os_errors():
                answer = client().delete_objects(Bucket=self.name, Delete={"Objects": objects, "Quiet": True})
            if answer.get("Errors"):
                raise PermissionError(errno.EACCES, "the bucket did not delete everything")

    def has(self, path: str) -> bool:
        """Whether an object is there."""
        try:
            with _as_os_errors():
                client().head_object(Bucket=self.name, Key=self._key(path))
        except FileNotFoundError:
            return False
        return True

    def listed(self) -> dict[str, Listed]:
        """Everything that is there, by its path, sorted."""
        return dict(self._listed())

    def is_empty(self) -> bool:
        """Whether nothing is there."""
        with _as_os_errors():
            answer = client().list_objects_v2(Bucket=self.name, Prefix=self._start(), MaxKeys=1)
        return not answer.get("Contents")

    def check(self) -> None:
        """Raises KeepsVersions where what is deleted here would be kept. Once it was well, it is not asked again."""
        if self.name in _checked:
            return
        try:
            with _as_os_errors():
                answer = client().get_bucket_versioning(Bucket=self.name)
        except PermissionError as error:
            raise KeepsVersions(errno.EACCES, NOT_ASKED) from error
        if answer.get("Status"):
            raise KeepsVersions(errno.EACCES, VERSIONED)
        _checked.add(self.name)

    def reach(self) -> None:
        """Ask the bucket something. Raises OSError where it does not answer, or would keep what we delete."""
        _checked.discard(self.name)
        self.check()
        self.is_empty()

    def _listed(self) -> Iterator[tuple[str, Listed]]:
        start = self._start()
        pages = client().get_paginator("list_objects_v2")
        with _as_os_errors():
            for page in pages.paginate(Bucket=self.name, Prefix=start):
                for each in page.get("Contents", ()):
                    mark = each["ETag"].strip('"')
                    md5 = mark if re.fullmatch("[0-9a-f]{32}", mark) else ""
                    yield each["Key"].removeprefix(start), Listed(each["LastModified"], md5)

    def _key(self, path: str) -> str:
        return self._start() + path

    def _start(self) -> str:
        return f"{self.prefix}/" if self.prefix else ""


_checked: set[str] = set()


def client() -> Any:
    """The library's client, for all threads of this process; never one that a parent process made."""
    return _client(os.getpid())


def forget() -> None:
    """Begin anew: with the variables as they are now."""
    _client.cache_clear()
    _checked.clear()


def read(value: str) -> Bucket:
    """A bucket from its address. Raises ValueError with the end of a sentence that begins with the setting's name."""
    parts = urlsplit(value)
    prefix = parts.path.strip("/")
    if not _NAME.fullmatch(parts.netloc) or (prefix and not _PREFIX.fullmatch(prefix)):
        raise ValueError(FORM)
    if parts.query or parts.fragment:
        raise ValueError(FORM)
    if find_spec("boto3") is None:
        raise ValueError(f"names a bucket, and {NO_CLIENT}")
    return Bucket(parts.netloc, prefix)


@cache
def _client(_process: int) -> Any:
    import boto3  # noqa: PLC0415 - a school without a bucket does not carry it
    from botocore.config import Config  # noqa: PLC0415

    own = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    config = Config(
        connect_timeout=5,
        read_timeout=20,
        retries={"mode": "standard"},
        request_checksum_calculation="when_required",  # ours is the MD5, which every server knows
        response_checksum_validation="when_required",
        s3={"addressing_style": "path"} if own else None,
    )
    return boto3.session.Session().client(
        "s3", config=config, region_name=os.environ.get("AWS_DEFAULT_REGION", "us-east-1")
    )


@contextmanager
def _as_os_errors() -> Iterator[None]:
    """What the library raises, as what a disk would have raised; never with a key or an address in it."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - see `_client`

    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in _MISSING:
            raise FileNotFoundError(errno.ENOENT, "no such object") from None
        if error.response["ResponseMetadata"]["HTTPStatusCode"] in {401, 403}:
            raise PermissionError(errno.EACCES, f"the bucket refused us: {code}") from None
        raise OSError(errno.EIO, f"the bucket did not do it: {code}") from None
    except BotoCoreError as error:
        raise OSError(errno.EIO, f"the bucket does not answer: {type(error).__name__}") from None
