"""The work of the comparison; `../node/work.ts` does the same."""

import asyncio
import http.client
import os
import signal
import threading
import time
import urllib.parse
import zlib
from concurrent.futures import ThreadPoolExecutor

DIRECTORY = os.environ.get("COMPARE_DIR", ".")
URL = urllib.parse.urlparse(os.environ.get("COMPARE_URL", "http://127.0.0.1:0/"))
IN_FLIGHT = int(os.environ.get("COMPARE_IN_FLIGHT", "64"))
FAULT = os.environ.get("COMPARE_FAULT", "none")
FAULTY = 7
TRIAL_S = float(os.environ.get("COMPARE_TRIAL_MS", "100")) / 1000
EXPONENT = 1279
BLOCK = bytes(range(256)) * 1024


def noop(n):
    return n


def cpu(n):
    """The test of Lucas and Lehmer: is 2 ** 1279 - 1 a prime? It is."""
    modulus = (1 << EXPONENT) - 1
    state = 4
    for _ in range(EXPONENT - 2):
        state = (state * state - 2) % modulus
    return n if state == 0 else -1


def file(n):
    """Writes 256 KiB, waits until they are on disk, reads them back."""
    path = os.path.join(DIRECTORY, f"file-{n}")
    number = n.to_bytes(8, "little")
    with open(path, "wb") as stream:
        stream.write(number)
        stream.write(BLOCK)
        stream.flush()
        os.fsync(stream.fileno())
    with open(path, "rb") as stream:
        read = stream.read()
    return n if zlib.crc32(read) == zlib.crc32(BLOCK, zlib.crc32(number)) else -1


kept = threading.local()


def network(n):
    """A request on a connection that this thread keeps."""
    if not hasattr(kept, "connection"):
        kept.connection = http.client.HTTPConnection(URL.hostname, URL.port)
    kept.connection.request("GET", f"/?n={n}")
    return int(kept.connection.getresponse().read())


def mark(kind, n):
    """Leaves a trace that survives this process: a line for each time."""
    with open(os.path.join(DIRECTORY, f"{kind}-{n}"), "a") as stream:
        stream.write("x\n")


def fault():
    if FAULT == "throws":
        raise ValueError("this task is broken")
    if FAULT == "waits":
        threading.Event().wait()
    while FAULT == "spins":
        pass
    if FAULT == "exits":
        os._exit(1)
    if FAULT == "kills":
        os.kill(os.getpid(), signal.SIGKILL)


def trial(n):
    """A task of the failure table: one of them is broken, in the way that is tried."""
    mark("begun", n)
    if n == FAULTY:
        fault()
    time.sleep(TRIAL_S)
    mark("done", n)
    return n


# The same for asyncio.

connections = []
threads = ThreadPoolExecutor(IN_FLIGHT)


async def noop_async(n):
    return n


async def cpu_async(n):
    return cpu(n)


async def file_async(n):
    return await asyncio.get_running_loop().run_in_executor(threads, file, n)


async def network_async(n):
    kept_one = connections.pop() if connections else await asyncio.open_connection(URL.hostname, URL.port)
    reader, writer = kept_one
    writer.write(f"GET /?n={n} HTTP/1.1\r\nHost: {URL.netloc}\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    body = await reader.readexactly(length)
    connections.append(kept_one)
    return int(body)


async def trial_async(n):
    mark("begun", n)
    if n == FAULTY:
        if FAULT == "waits":
            await asyncio.Event().wait()
        fault()
    await asyncio.sleep(TRIAL_S)
    mark("done", n)
    return n
