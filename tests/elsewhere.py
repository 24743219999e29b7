"""Places on other machines for tests: a real S3 server and a real SFTP server on loopback, behind a line that can break."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests import servers
from tests.relay import Relay, relay_to
from tripupdates import buckets
from tripupdates.buckets import Bucket
from tripupdates.site.sftp import Sftp
from tripupdates.site.sftp_url import SftpAddress

_numbers = count(1)


@contextmanager
def bucket(patch: pytest.MonkeyPatch, versions: bool = False) -> Iterator[tuple[Bucket, Relay]]:
    """An empty place in a bucket, and the line to it. Each new bucket costs the server room, so there are two."""
    with relay_to(urlsplit(servers.s3()).port or 0) as relay:
        patch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{relay.port}")
        patch.setenv("AWS_ACCESS_KEY_ID", servers.S3_KEY)
        patch.setenv("AWS_SECRET_ACCESS_KEY", servers.S3_SECRET)
        patch.setenv("AWS_MAX_ATTEMPTS", "1")
        buckets.forget()
        client, name = buckets.client(), "keeping" if versions else "letting-go"
        with suppress(client.exceptions.BucketAlreadyExists, client.exceptions.BucketAlreadyOwnedByYou):
            client.create_bucket(Bucket=name)
        if versions:
            client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        yield Bucket(name, f"oak{next(_numbers)}"), relay
        client.close()
        buckets.forget()


@contextmanager
def folder_over_sftp(tmp_path: Path) -> Iterator[tuple[Sftp, Relay]]:
    """A folder that is not there yet, on a computer that is reached over SFTP, and the line to that."""
    server = servers.ssh()
    known = tmp_path / "known_hosts"
    with relay_to(server.port) as relay:
        known.write_text(f"[127.0.0.1]:{relay.port} {server.host_key}\n")
        folder = str(tmp_path / "www" / "trips")
        target = Sftp(SftpAddress("127.0.0.1", relay.port, getpass.getuser(), folder, known, server.key))
        yield target, relay
        target.hang_up()
