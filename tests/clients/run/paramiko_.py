import os

import paramiko

client = paramiko.SSHClient()
client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
try:
    client.connect(
        "127.0.0.1", int(os.environ["PORT"]), os.environ["NAME"], os.environ["PASSWORD"], allow_agent=False, look_for_keys=False
    )
    print(client.exec_command("id -un")[1].read().decode(), end="")
except paramiko.SSHException as why:
    raise SystemExit(f"{type(why).__name__}: {why}")
finally:
    client.close()
