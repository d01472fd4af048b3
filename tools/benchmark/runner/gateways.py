# SPDX-License-Identifier: Apache-2.0
"""Who is measured: nginx, Gatehouse, any other by its command line, and no
gateway at all.  Each starts on a free port and ends with its children."""
import os
import pwd
import shlex
import socket
import subprocess
import time

import bodies
import processes
from instruments import Trouble


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


patience_s = 20  # until a gateway must have answered


class Gateway:
    """REQUIRES: before `start`, an upstream whose answers are whole."""
    command = ()
    environment = {}
    guarded = False  # whether a hook asks the mock about each request
    limited = False  # whether it has limits and a ledger
    messages = False  # whether it has the dialect of Messages, which older builds have not

    def __init__(self, name, folder, upstream):
        self.name, self.upstream, self.port, self.process = name, upstream, None, None
        self.folder = os.path.join(folder, name)
        os.makedirs(self.folder, exist_ok=True)

    def prepare(self):
        """Writes what the command needs, once the port is known."""

    def start(self):
        """Returns the seconds until the first answer."""
        self.port = free_port()
        self.prepare()
        self.log = open(os.path.join(self.folder, "output"), "wb")
        begun = time.monotonic()
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
                                        env={**os.environ, **self.environment}, start_new_session=True)
        request = bodies.http(bodies.small(), self.port)
        # A gateway may listen before it is ready, and say so.
        while not (answer := self.ask(request)).startswith(b"HTTP/1.1 200"):
            if self.process.poll() is not None or time.monotonic() - begun > patience_s:
                words = self.last_words()
                self.stop()
                raise Trouble(f"{self.name} does not start: {words} {answer[:300]!r}")
            time.sleep(0.001)
        taken = time.monotonic() - begun
        return taken

    def ask(self, request):
        """One answer, whole or cut; empty if there is none."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=30) as client:
                client.sendall(request)
                return client.recv(65536)
        except OSError:
            return b""

    def last_words(self):
        with open(self.log.name, errors="replace") as file:
            return file.read()[-1500:].strip() or "it says nothing"

    def pids(self):
        return processes.family(self.process.pid)

    def stop(self):
        if self.process is None:
            return
        mine = self.pids()
        self.process.terminate()
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:
            pass
        for pid in mine:  # those that it has left behind, or that wait for their streams
            try:
                os.kill(pid, 9)
            except ProcessLookupError:
                pass
        self.process.wait()
        self.process = None
        self.log.close()


class Direct(Gateway):
    """The upstream itself: what remains is what a gateway adds."""

    def start(self):
        self.port = self.upstream.port
        return 0.0

    def pids(self):
        return []


class Nginx(Gateway):
    """A proxy that understands nothing of what it passes on.  No log; bodies stay in memory."""

    def __init__(self, name, folder, upstream, buffering):
        super().__init__(name, folder, upstream)
        self.buffering = buffering
        path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
        self.command = ["/usr/bin/env", f"PATH={path}", "nginx", "-p", self.folder, "-e", "errors", "-c", "nginx.conf"]

    def prepare(self):
        # Only root may choose, and by default nginx runs as a user without write access here.
        user = f"user {pwd.getpwuid(0).pw_name};" if os.geteuid() == 0 else ""
        with open(os.path.join(self.folder, "nginx.conf"), "w", encoding="ascii") as file:
            file.write(f"""{user}
daemon off;
worker_processes auto;
worker_rlimit_nofile 20000;
pid nginx.pid;
events {{ worker_connections 16384; }}
http {{
    access_log off;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
    keepalive_requests 1000000000;
    client_max_body_size 64m;
    client_body_buffer_size 2m;
    upstream mock {{
        server 127.0.0.1:{self.upstream.port};
        keepalive 512;
        keepalive_requests 1000000000;
    }}
    server {{
        listen 127.0.0.1:{self.port} backlog=8192;
        location / {{
            proxy_pass http://mock;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_buffering {"on" if self.buffering else "off"};
            proxy_read_timeout 600s;
        }}
    }}
}}
""")


class Gatehouse(Gateway):
    """With its defaults: every key of the configuration that is not set here.  Its log goes to a file."""

    def __init__(self, name, folder, upstream, program):
        super().__init__(name, folder, upstream)
        self.config = os.path.join(self.folder, "gatehouse.toml")
        self.command = [program, "serve", "-c", self.config]

    def prepare(self):
        write_gatehouse_config(self, self.config)


class Command(Gateway):
    """Any other: {port}, {upstream} (host:port of the mock) and {config} (a file for Gatehouse) are filled in."""

    def __init__(self, name, folder, upstream, line):
        super().__init__(name, folder, upstream)
        self.line = line

    def prepare(self):
        config = os.path.join(self.folder, "gatehouse.toml")
        write_gatehouse_config(self, config)
        values = {"{port}": str(self.port), "{upstream}": f"127.0.0.1:{self.upstream.port}", "{config}": config}
        words = shlex.split(self.line)
        for name, value in values.items():
            words = [word.replace(name, value) for word in words]
        self.command = words


def guard_tables(upstream_port):
    """A hook that asks the mock, which may take a minute, and room for the requests that wait for it."""
    return ("max_concurrent_requests = 4096\nhook_timeout_ms = 120000\n", f"""[hook.guard]
use = "guardrail"
url = "http://127.0.0.1:{upstream_port}/check"
timeout_ms = 60000
""")


def limit_tables(folder):
    """Four scopes that refuse nothing, counted in this process, and a ledger."""
    return f"""[store.local]
use = "memory"
[limiter.limits]
use = "quota"
store = "local"
ledger_file = "{folder}/ledger.jsonl"
limits = [
  {{ for = "key:*", requests_per_minute = 1_000_000_000 }},
  {{ for = "model:gpt-5", requests_per_minute = 1_000_000_000 }},
  {{ for = "route:oci/*", requests_per_minute = 1_000_000_000 }},
]
budgets = [{{ for = "group:*", amount = 9_000_000.0 }}]
[limiter.limits.prices]
"oci/*" = {{ input = 1.0, output = 10.0 }}
"openai/*" = {{ input = 1.0, output = 10.0 }}
"signed/*" = {{ input = 1.0, output = 10.0 }}
"""


def write_gatehouse_config(gateway, path):
    """Three ways to the same mock: OCI without and with signatures, and OpenAI's own format."""
    port, upstream_port = gateway.port, gateway.upstream.port
    limits, hook = guard_tables(upstream_port) if gateway.guarded else ("", "")
    dialect = '[dialect.anthropic]\nuse = "anthropic"\n' if gateway.messages else ""
    limiter = limit_tables(gateway.folder) if gateway.limited else ""
    folder = os.path.dirname(path)
    key = os.path.join(folder, "key.pem")
    if not os.path.exists(key):
        subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)
        with open(os.path.join(folder, "oci_config"), "w", encoding="ascii") as file:
            file.write("[DEFAULT]\ntenancy=ocid1.tenancy.oc1..bench\nuser=ocid1.user.oc1..bench\n"
                       f"region=us-chicago-1\nkey_file={key}\n")
    compartment = "ocid1.compartment.oc1..bench"
    with open(path, "w", encoding="ascii") as file:
        file.write(f"""[server]
listen = "127.0.0.1:{port}"
{limits}[log]
file = "{folder}/log"
{hook}[authenticator.clients]
use = "api_key"
keys = [{{ name = "bench", key = "{bodies.KEY}", groups = ["team:bench"] }}]
[signer.oci]
use = "oci_signer"
config_file = "{folder}/oci_config"
[provider.oci]
use = "oci"
endpoint = "http://127.0.0.1:{upstream_port}"
compartment_id = "{compartment}"
[provider.signed]
use = "oci"
signer = "oci"
endpoint = "http://127.0.0.1:{upstream_port}"
compartment_id = "{compartment}"
[provider.openai]
use = "openai"
base_url = "http://127.0.0.1:{upstream_port}/v1"
[mapper.models]
use = "table"
[mapper.models.models]
"gpt-5" = "oci/openai.gpt-4.1"
"gpt-5-signed" = "signed/openai.gpt-4.1"
"gpt-5-openai" = "openai/gpt-4.1"
[dialect.openai]
use = "openai"
{dialect}{limiter}""")
