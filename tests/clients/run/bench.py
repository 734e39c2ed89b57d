"""Signs in by turns without and with the module: `bench.py CLIENT ROUNDS` says how long each took, in nanoseconds."""
import asyncio
import os
import subprocess
import sys
import time

NAME, PASSWORD = os.environ["NAME"], os.environ["PASSWORD"]
WITHOUT, WITH = 2223, 2222


def by_asyncssh(port):
    import asyncssh

    async def sign_in():
        options = {"known_hosts": None, "client_keys": None, "agent_path": None, "config": None}
        async with asyncssh.connect("127.0.0.1", port, username=NAME, password=PASSWORD, **options) as connection:
            await connection.run("true", check=True)

    asyncio.run(sign_in())


def by_paramiko(port):
    import paramiko

    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    client.connect("127.0.0.1", port, NAME, PASSWORD, allow_agent=False, look_for_keys=False)
    assert client.exec_command("true")[1].channel.recv_exit_status() == 0
    client.close()


def by(*line):
    subprocess.run(line, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def by_curl(port):
    by("curl", "-sS", "-k", "-u", f"{NAME}:{PASSWORD}", f"sftp://127.0.0.1:{port}/etc/hostname")


def by_sshpass(port):
    options = "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR", "PubkeyAuthentication=no"
    by("sshpass", "-p", PASSWORD, "ssh", "-F", "/dev/null", *("-o" + option for option in options), "-p", str(port), f"{NAME}@127.0.0.1", "true")


def by_ansible(port):
    known = f"{{ansible_port: {port}, ansible_password: '{PASSWORD}'}}"
    by("ansible", "all", "-i", "127.0.0.1,", "-c", "ssh", "-u", NAME, "-e", known, "-m", "raw", "-a", "true")


client = globals()["by_" + sys.argv[1]]
for port in (WITHOUT, WITH):
    client(port)
for number in range(int(sys.argv[2])):
    took = {}
    for port in (WITHOUT, WITH) if number % 2 else (WITH, WITHOUT):
        start = time.perf_counter_ns()
        client(port)
        took[port] = time.perf_counter_ns() - start
    print(sys.argv[1], took[WITHOUT], took[WITH])
