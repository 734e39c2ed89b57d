#!/usr/bin/env python3
"""Records anew what the providers' own libraries send, beside what a document says where there is none: record.py [PROVIDER...] >providers.json

Each library is installed into a directory of its own, in the version that is named here, and sends one message with invented
credentials. Every name leads to a server of this program; nothing goes to a provider. It needs python3 with venv, openssl, and a way to
PyPI, so CI does not run it.
"""

import base64, http.server, json, os, ssl, subprocess, sys, tempfile, threading, urllib.parse

# Plivo's library looks whether an account's name is of the form of theirs; the others take any.
ACCOUNT, SECRET, SENDER, NUMBER, TEXT = "MA" + "0" * 18, "s3cret", "Example", "+819012345678", "Your code is 042042."
AC, SK = "AC" + "0" * 32, "SK" + "1" * 32

# What is sent is the text of a message that fits one part. {number} is without the plus.
GIVEN = dict(account=ACCOUNT, secret=SECRET, sender=SENDER, number=NUMBER[1:], to=NUMBER, text=TEXT, ac=AC, sk=SK)

# name: (package and version, host, the program)
LIBRARIES = {
    "vonage": ("vonage==4.9.1", "rest.nexmo.com", """
from vonage import Vonage, Auth
from vonage_sms import SmsMessage
client = Vonage(Auth(api_key=account, api_secret=secret))
client.sms.send(SmsMessage(to=number, from_=sender, text=text, type="text"))
"""),
    "sinch": ("sinch==2.3.0", "us.sms.api.sinch.com", """
from sinch import SinchClient
client = SinchClient(service_plan_id=account, sms_api_token=secret, sms_region="us")
client.sms.batches.send_sms(to=[to], from_=sender, body=text)
"""),
    "bird": ("messagebird==2.2.0", "rest.messagebird.com", """
import messagebird
messagebird.Client(secret).message_create(sender, number, text, {"datacoding": "auto"})
"""),
    "bird-platform": ("messagebird-sdk==0.106.0", "eu1.platform.bird.com", """
from bird import Bird
Bird(api_key=secret, region="eu1").sms.send(to=to, from_=sender, text=text, category="authentication")
"""),
    "plivo": ("plivo==4.63.0", "api.plivo.com", """
import plivo
plivo.RestClient(auth_id=account, auth_token=secret).messages.create(src=sender, dst=number, text=text)
"""),
    "telnyx": ("telnyx==4.189.0", "api.telnyx.com", """
from telnyx import Telnyx
Telnyx(api_key=secret, max_retries=0).messages.send(from_=sender, to=to, text=text, messaging_profile_id=account)
"""),
    "infobip": ("infobip-api-python-client==6.0.0", "xyz.api.infobip.com", """
from infobip_api_client import ApiClient, Configuration, SmsApi, SmsDestination, SmsMessage, SmsMessageContent, SmsRequest, SmsTextContent
client = ApiClient(Configuration(host="https://xyz.api.infobip.com", api_key={"APIKeyHeader": secret}, api_key_prefix={"APIKeyHeader": "App"}, ssl_ca_cert=AUTHORITY))
message = SmsMessage(sender=sender, destinations=[SmsDestination(to=number)], content=SmsMessageContent(SmsTextContent(text=text)))
SmsApi(client).send_sms_messages(SmsRequest(messages=[message]))
"""),
    "clicksend": ("clicksend-client==6.0.2", "rest.clicksend.com", """
from clicksend import ApiClient, Configuration, SendSmsRequest, SendSmsRequestMessagesInner
from clicksend.api.sms_api import SmsApi
client = ApiClient(Configuration(username=account, password=secret, ssl_ca_cert=AUTHORITY))
message = SendSmsRequestMessagesInner(source="pam_sspr", var_from=sender, to=to, body=text)
SmsApi(client).send_sms(send_sms_request=SendSmsRequest(messages=[message]))
"""),
    "twilio": ("twilio==9.13.0", "api.twilio.com", """
from twilio.rest import Client
Client(sk, secret, ac).messages.create(to=to, from_=sender, body=text)
"""),
}

# No library of the provider speaks this API; its documentation has the request.
DOCUMENTS = {
    "bird-channels": dict(
        document="https://docs.bird.com/api/channels-api/supported-channels/programmable-sms/sending-sms-messages", method="POST",
        url="https://api.bird.com/workspaces/" + ACCOUNT + "/channels/" + SENDER + "/messages", authorization="AccessKey " + SECRET,
        content_type="application/json", body=dict(
            receiver=dict(contacts=[dict(identifierKey="phonenumber", identifierValue=NUMBER)]),
            body=dict(type="text", text=dict(text=TEXT)))),
}

# Every name is this machine, at one port; the library's own list of authorities is ours.
BEFORE = """
import os, socket, sys, json
globals().update(json.loads(os.environ["GIVEN"]))
AUTHORITY, PORT = os.environ["SSL_CERT_FILE"], int(os.environ["PORT"])
def here(host, port, family=0, type=0, proto=0, flags=0):
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", PORT))]
socket.getaddrinfo = here
try:
    import certifi
    certifi.where = lambda: AUTHORITY
except ImportError:
    pass
"""


def recorded(name, package, host, program, scratch):
    heard = []

    class Server(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            heard.append((self.command, self.headers["Host"], self.path, self.headers, body))
            self.send_response(400)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    key, certificate = os.path.join(scratch, "key.pem"), os.path.join(scratch, "certificate.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=" + host,
         "-addext", "subjectAltName=DNS:" + host, "-keyout", key, "-out", certificate],
        check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    place = os.path.join(scratch, "library")
    subprocess.run([sys.executable, "-m", "venv", place], check=True)
    python = os.path.join(place, "bin", "python")
    subprocess.run([python, "-m", "pip", "install", "-q", package], check=True, stdout=sys.stderr)
    environment = dict(
        PATH=os.environ["PATH"], HOME=scratch, GIVEN=json.dumps(GIVEN), PORT=str(server.server_port),
        SSL_CERT_FILE=certificate, REQUESTS_CA_BUNDLE=certificate)
    ran = subprocess.run([python, "-c", BEFORE + program], env=environment, capture_output=True, text=True)
    server.shutdown()
    if not heard:
        sys.exit(name + " sent nothing:\n" + ran.stderr)
    method, at, path, headers, body = heard[0]
    kind = headers["Content-Type"].split(";")[0]
    said = json.loads(body) if kind == "application/json" else dict(urllib.parse.parse_qsl(body, strict_parsing=True))
    authorization = headers.get("Authorization", "")
    if authorization.startswith("Basic "):
        authorization = "Basic " + base64.b64decode(authorization[6:]).decode()
    return dict(provider=name, library=package, registry="PyPI", method=method, url="https://" + at + path,
                authorization=authorization, content_type=kind, body=said)


def main():
    names = sys.argv[1:] or [*LIBRARIES, *DOCUMENTS]
    contracts = []
    for name in names:
        if name in DOCUMENTS:
            contracts.append(dict(provider=name, **DOCUMENTS[name]))
            continue
        with tempfile.TemporaryDirectory() as scratch:
            contracts.append(recorded(name, *LIBRARIES[name], scratch))
    given = dict(account=ACCOUNT, secret=SECRET, sender=SENDER, to=NUMBER, text=TEXT, twilio_account=AC, twilio_key=SK)
    print(json.dumps(dict(given=given, contracts=contracts), indent=2))


main()
