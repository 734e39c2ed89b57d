import asyncio
import os

import asyncssh


async def main():
    async with asyncssh.connect(
        "127.0.0.1",
        int(os.environ["PORT"]),
        username=os.environ["NAME"],
        password=os.environ["PASSWORD"],
        known_hosts=None,
        client_keys=None,
        agent_path=None,
        config=None,
    ) as connection:
        print((await connection.run("id -un")).stdout, end="")


try:
    asyncio.run(main())
except asyncssh.Error as why:
    raise SystemExit(f"{type(why).__name__}: {why}")
