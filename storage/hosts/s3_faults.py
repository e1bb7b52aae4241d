"""What a bucket's answers mean (Amazon S3 error responses, RFC 9110): the one place where botocore's exceptions end.

Their messages quote keys, requests and answers; none of it passes.
"""

from collections.abc import Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from botocore import exceptions as aws
from botocore.parsers import ResponseParserError
from urllib3 import exceptions as wire

from lexicon.faults import Fault, HostFault


@dataclass(frozen=True, slots=True)
class Meaning:
    """A fault, and what hosts call it: S3's words and those of its kin, and HTTP's numbers where no word is known."""

    fault: str
    words: frozenset[str] = frozenset()
    numbers: Container[int] = ()


_MEANINGS: Final = (
    Meaning(
        fault="host-full",
        words=frozenset(
            [
                "InsufficientCapacity",
                "InsufficientStorage",
                "QuotaExceeded",
                "StorageFull",
                "TooManyObjects",
                "XMinioStorageFull",
            ]
        ),
        numbers=(507,),
    ),
    Meaning(fault="host-bucket-missing", words=frozenset({"NoSuchBucket"})),
    Meaning(fault="host-object-missing", words=frozenset({"NoSuchKey", "NoSuchVersion"}), numbers=(404,)),
    Meaning(fault="host-clock-differs", words=frozenset({"RequestTimeTooSkewed", "RequestExpired"})),
    Meaning(
        fault="host-garbled",
        words=frozenset(
            ["BadDigest", "IncompleteBody", "InvalidDigest", "XAmzContentChecksumMismatch", "XAmzContentSHA256Mismatch"]
        ),
    ),
    Meaning(
        fault="host-busy",
        words=frozenset({"ConditionalRequestConflict", "OperationAborted", "SlowDown", "TooManyRequests"}),
        numbers=(409, 429, 503),
    ),
    # An error inside an answer of 200 is how S3 tells that a long request failed after all.
    Meaning(fault="host-failing", numbers=(200, *range(500, 600))),
    Meaning(fault="host-refused", numbers=range(400, 500)),
)
"""The first that fits; a word before any number."""


@contextmanager
def s3_faults() -> Iterator[None]:
    """Botocore's and urllib3's exceptions as `HostFault`; faults of ours that came through botocore as they were."""
    try:
        yield
    except Fault:
        raise
    except aws.ClientError as error:
        raise _answered(error) from None
    except (aws.SSLError, wire.SSLError):
        raise HostFault("host-untrusted") from None
    except (aws.ReadTimeoutError, wire.ReadTimeoutError):
        raise HostFault("host-slow") from None
    except aws.ConnectTimeoutError:
        raise HostFault("host-unreachable") from None
    except ResponseParserError:
        raise HostFault("host-failing") from None
    except aws.HTTPClientError as error:
        raise _broken(error) from None
    except (aws.BotoCoreError, aws.IncompleteReadError, wire.HTTPError, OSError):
        raise HostFault("host-unreachable") from None
    except (ValueError, KeyError, TypeError, LookupError):
        # An answer that is well-formed and means nothing: a date that is none, a length that is no number.
        raise HostFault("host-failing") from None


def code_of(error: aws.ClientError) -> str:
    """S3's own word for what it refused, or the HTTP code where the answer had no body."""
    return str(error.response.get("Error", {}).get("Code", ""))


def http_of(error: aws.ClientError) -> int:
    metadata: Any = error.response.get("ResponseMetadata", {})
    return int(metadata.get("HTTPStatusCode", 0))


def _answered(error: aws.ClientError) -> HostFault:
    word, number = code_of(error), http_of(error)
    by_word = (meaning for meaning in _MEANINGS if word in meaning.words)
    by_number = (meaning for meaning in _MEANINGS if number in meaning.numbers)
    meaning = next(by_word, None) or next(by_number, _MEANINGS[-1])
    return HostFault(meaning.fault)


def _broken(error: aws.HTTPClientError) -> Fault:
    """A connection that ended early; a fault of ours that stopped it comes out as it went in."""
    cause = getattr(error, "kwargs", {}).get("error")
    return cause if isinstance(cause, Fault) else HostFault("host-unreachable")
