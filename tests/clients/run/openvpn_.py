"""An OpenVPN client that gives any password, an empty one too: its own command asks somebody else for that."""
import os
import socket
import subprocess
import sys
import tempfile

work = tempfile.mkdtemp()
listener = socket.socket(socket.AF_UNIX)
listener.bind(work + "/management")
listener.listen()
client = subprocess.Popen(
    "openvpn --client --dev null --proto tcp-client --remote 127.0.0.1 1194 --nobind --auth-user-pass --auth-nocache "
    "--ca /usr/local/share/ca-certificates/tests.crt --pull-filter ignore route --pull-filter ignore ifconfig "
    f"--management {work}/management unix --management-client --management-query-passwords",
    shell=True,
    stdout=subprocess.DEVNULL,
)
channel = listener.accept()[0].makefile("rw")


def say(line):
    channel.write(line + "\n")
    channel.flush()


say("state on")
for line in channel:
    if line.startswith(">PASSWORD:Need"):
        say(f'username "Auth" "{os.environ["NAME"]}"')
        say(f'password "Auth" "{os.environ["PASSWORD"]}"')
    elif line.startswith(">PASSWORD:Verification Failed") or ",CONNECTED,SUCCESS," in line:
        try:
            say("signal SIGTERM")
        except BrokenPipeError:
            pass  # Refused, it has ended by itself.
        client.wait()
        signed_in = "CONNECTED" in line
        print("connected" if signed_in else "refused")
        sys.exit(not signed_in)
