"""A wire of 300 ms, there and back 600: from port 2224 to sshd's 2222."""
import asyncio

DELAY = 0.3


async def carry(reader, writer):
    """What comes is written so much later, and what comes meanwhile is not held up by it."""
    loop, last = asyncio.get_running_loop(), asyncio.get_running_loop().time()
    while data := await reader.read(65536):
        last = loop.time() + DELAY
        loop.call_at(last, writer.write, data)
    loop.call_at(max(last, loop.time() + DELAY), writer.close)


async def connected(reader, writer):
    sshd_reader, sshd_writer = await asyncio.open_connection("127.0.0.1", 2222)
    await asyncio.gather(carry(reader, sshd_writer), carry(sshd_reader, writer), return_exceptions=True)


async def main():
    async with await asyncio.start_server(connected, "127.0.0.1", 2224) as server:
        await server.serve_forever()


asyncio.run(main())
