"""A WebSocket server on two ports of 127.0.0.1, the second with TLS. src/websocket.rs says what it does."""

import asyncio
import ssl
import sys
from collections import defaultdict

import websockets

records = {}
finished = defaultdict(asyncio.Event)


def line(message):
    if isinstance(message, str):
        return "text " + message
    return f"binary {len(message)} {sum(message)}"


async def talk(connection, record):
    await connection.send("héllo")
    await connection.send(b"\x5a" * 100_000)
    await connection.send("")
    await connection.send(["a", "b", "c"])
    await (await connection.ping(b"are you there?"))
    record.append("pong")
    await connection.send("your turn")


async def serve(connection, path):
    _, kind, name = path.split("/")
    if kind == "report":
        await finished[name].wait()
        for text in records[name]:
            await connection.send(text)
        return
    record = records[name] = []
    try:
        if kind == "talk":
            await talk(connection, record)
        if kind == "goodbye":
            await connection.close(4001, "góodbye")
        while True:
            record.append(line(await connection.recv()))
    except websockets.ConnectionClosed:
        pass
    finally:
        record.append(f"close {connection.close_code} {connection.close_reason}")
        finished[name].set()


async def main():
    plain, tls, certificate, key = sys.argv[1:]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    options = {"max_size": None, "ping_interval": None, "compression": None}
    async with websockets.serve(serve, "127.0.0.1", int(plain), **options):
        async with websockets.serve(serve, "127.0.0.1", int(tls), ssl=context, **options):
            await asyncio.Future()


asyncio.run(main())
