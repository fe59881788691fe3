"""Programs that people already run, against the doors on loopback: what they hand over arrives, also where it was refused at first."""

import asyncio
import base64
import gzip
import json
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import uvicorn
from elasticsearch import Elasticsearch, helpers
from opentelemetry._logs import LogRecord
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource

from watchkeeper.ingest.listeners import listen_tcp, listen_udp
from watchkeeper.model.received import RefusedError

pytestmark = pytest.mark.slow
TOKEN = "-".join(("edge", "token"))
SECONDS = 30


def _needs(program: str, package: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"no {program} here; on Debian: apt-get install {package}")


def _until(reached: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + SECONDS
    while not reached():
        assert time.monotonic() < end, what
        time.sleep(0.01)


@pytest.fixture
def port(house: Any) -> Iterator[int]:
    """The port of the doors, served as the product serves them."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(house.application, http="httptools", loop="uvloop", log_config=None, lifespan="off", access_log=False)
        server = uvicorn.Server(config)
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        _until(lambda: server.started, "the server did not start")
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join()


@dataclass
class Ports:
    udp: int
    tcp: int
    tls: int


@pytest.fixture
def ports(yard: Any, certificate: Path) -> Iterator[Ports]:
    """The ports of syslog."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    loop, found, stop = asyncio.new_event_loop(), [], asyncio.Event()

    async def serve() -> None:
        datagrams = listen_udp(yard.intake, "127.0.0.1", 0)
        plain = await listen_tcp(yard.intake, "127.0.0.1", 0)
        secret = await listen_tcp(yard.intake, "127.0.0.1", 0, context)
        found.append(Ports(datagrams.port, plain.port, secret.port))
        await stop.wait()
        for one in (datagrams, plain, secret):
            await one.close()

    thread = Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    _until(lambda: bool(found), "syslog did not start")
    yield found[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join()
    loop.close()


def test_the_bulk_helper_of_elasticsearch(house: Any, port: int, windows: list[bytes]) -> None:
    documents = [json.loads(line) for line in windows[:2_000]]
    key = base64.b64encode(f"id:{TOKEN}".encode()).decode()
    with Elasticsearch(f"http://127.0.0.1:{port}", api_key=key, http_compress=True) as client:
        assert client.info()["cluster_name"] == "watchkeeper"
        assert client.cluster.health()["status"] == "green"
        assert client.indices.put_index_template(name="logs", index_patterns=["logs-*"])["acknowledged"]
        actions = [{"_op_type": "create", "_index": "logs", "_id": str(number), "_source": one} for number, one in enumerate(documents)]
        assert helpers.bulk(client, actions, chunk_size=500) == (len(documents), [])
        assert [json.loads(line) for line in house.lines] == documents
        assert [one for received in house.kept for one in received.ids] == [f"logs/{number}" for number in range(len(documents))]
        house.kept.clear()
        house.refusing = RefusedError("full", 1)
        failed = [
            item["create"]["status"]
            for ok, item in helpers.streaming_bulk(client, actions[:3], raise_on_error=False, raise_on_exception=False)
        ]
        assert (failed, house.kept) == ([429] * 3, [])
        Thread(target=lambda: (time.sleep(0.3), setattr(house, "refusing", None))).start()
        assert helpers.bulk(client, actions[:3], max_retries=10, initial_backoff=0.1) == (3, [])
        _, errors = helpers.bulk(client, [{"_op_type": "delete", "_index": "logs", "_id": "1"}, actions[0]], raise_on_error=False)
        assert [item["delete"]["status"] for item in errors] == [400]
    with (
        Elasticsearch(f"http://127.0.0.1:{port}", basic_auth=("anybody", "wrong")) as client,
        pytest.raises(Exception, match="security_exception"),
    ):
        client.info()


def test_an_exporter_of_opentelemetry(house: Any, port: int) -> None:
    exporter = OTLPLogExporter(f"http://127.0.0.1:{port}/v1/logs", headers={"authorization": f"Bearer {TOKEN}"})
    provider = LoggerProvider(resource=Resource({"host.name": "h1", "service.name": "shop"}))
    provider.add_log_record_processor(BatchLogRecordProcessor(exporter, schedule_delay_millis=50))
    logger = provider.get_logger("shop")
    house.refusing = RefusedError("full", 1)
    for number in range(200):
        text = f"Failed password for user{number} from 192.0.2.1"
        logger.emit(LogRecord(timestamp=1_772_442_000_000_000_000, severity_text="WARN", body=text, attributes={"attempt": number}))
    _until(lambda: house.desk.counts.of("refused") > 0, "nothing was sent")
    house.refusing = None
    _until(lambda: house.desk.counts.of("records") == 200, "not all arrived after they were refused")
    provider.shutdown()
    first = json.loads(house.lines[0])
    assert (first["body"], first["host"], first["attributes"]) == ("Failed password for user0 from 192.0.2.1", "h1", {"attempt": 0})
    assert (first["severityText"], first["scope"], first["time"]) == ("WARN", {"name": "shop"}, "2026-03-02T09:00:00Z")


@pytest.fixture
def curl(port: int, tmp_path: Path) -> Any:
    """The function that asks with curl, and gives what is answered."""

    def asked(path: str, *words: str, body: bytes = b"") -> Any:
        sent = tmp_path / "body"
        sent.write_bytes(body)
        given = [
            "curl",
            "--silent",
            "--show-error",
            "--max-time",
            str(SECONDS),
            f"http://127.0.0.1:{port}{path}",
            "--data-binary",
            f"@{sent}",
            *words,
        ]
        return json.loads(subprocess.run(given, capture_output=True, check=True).stdout)

    return asked


@_needs("curl", "curl")
def test_curl_as_clients_of_splunk_send(house: Any, curl: Any) -> None:
    splunk = ("-H", f"Authorization: Splunk {TOKEN}")
    events = b"".join(
        b'{"time":%d,"host":"h","event":{"n":%d,"pad":"%s"}}' % (1_772_442_000 + number, number, b"x" * 1_000) for number in range(3_000)
    )
    assert curl("/services/collector/event", *splunk, body=events) == {"text": "Success", "code": 0}
    assert [json.loads(line)["event"]["n"] for line in house.lines] == list(range(3_000))
    packed = ("-H", "Content-Encoding: gzip", "-H", "X-Splunk-Request-Channel: c1")
    assert curl("/services/collector/raw", *splunk, *packed, body=gzip.compress(b"one\ntwo\n"))["ackId"] == 0
    assert house.lines[-2:] == [b"one", b"two"]
    assert curl("/services/collector/ack?channel=c1", *splunk, body=b'{"acks":[0,1]}') == {"acks": {"0": True, "1": False}}
    assert curl("/services/collector/event", body=events)["code"] == 2
    assert curl("/services/collector/event", "-u", f"x:{TOKEN}", body=b'{"event":"a"}')["code"] == 0
    assert curl("/ingest", "-H", f"Authorization: Bearer {TOKEN}", "-H", "Transfer-Encoding: chunked", body=b"a\nb") == {"records": 2}


@_needs("logger", "bsdutils")
@pytest.mark.parametrize(
    "words", [("--udp",), ("--tcp",), ("--tcp", "--octet-count"), ("--udp", "--rfc3164"), ("--tcp", "--rfc3164")], ids=" ".join
)
def test_logger(yard: Any, ports: Ports, words: tuple[str, ...]) -> None:
    where = ports.udp if "--udp" in words else ports.tcp
    given = ["logger", "--server", "127.0.0.1", "--port", str(where), *words, "--tag", "sshd", "--priority", "auth.warning"]
    for text in ("Failed password for root", "Accepted publickey for root"):
        subprocess.run([*given, "--", text], check=True, timeout=SECONDS)
    _until(lambda: len(yard.messages) == 2, "not all arrived")
    assert sorted(line[-len(b"key for root") :] for line in yard.messages) == [b"key for root", b"ord for root"]
    assert all(line.startswith(b"<36>") and b"sshd" in line for line in yard.messages)


LINES = 2_000
RSYSLOG = """
global(workDirectory="{folder}")
global(defaultNetstreamDriverCAFile="{certificate}")
module(load="imfile")
module(load="omelasticsearch")
template(name="line" type="string" string="%msg%")
template(name="record" type="list" option.jsonf="on") {{
  property(outname="@timestamp" name="timereported" dateFormat="rfc3339" format="jsonf")
  property(outname="host" name="hostname" format="jsonf")
  property(outname="message" name="msg" format="jsonf")
}}
input(type="imfile" file="{folder}/input.log" tag="sshd:" severity="info" facility="auth")
{action}
"""
ACTIONS = {
    "udp": 'action(type="omfwd" target="127.0.0.1" port="{udp}" protocol="udp")',
    "tcp": 'action(type="omfwd" target="127.0.0.1" port="{tcp}" protocol="tcp")',
    "tcp, counted": 'action(type="omfwd" target="127.0.0.1" port="{tcp}" protocol="tcp" TCP_Framing="octet-counted")',
    "tls": """action(type="omfwd" target="127.0.0.1" port="{tls}" protocol="tcp" TCP_Framing="octet-counted"
      StreamDriver="ossl" StreamDriverMode="1" StreamDriverAuthMode="x509/certvalid")""",
}
ELASTIC = """action(type="omelasticsearch" server="127.0.0.1" serverport="{port}" uid="rsyslog" pwd="{token}" bulkmode="on"
  searchIndex="logs" searchType="" template="record" queue.type="linkedlist" queue.size="5000" queue.dequeuebatchsize="300"
  action.resumeretrycount="-1" action.resumeinterval="1")"""


@contextmanager
def _rsyslog(folder: Path, certificate: Path, action: str) -> Iterator[None]:
    """Run rsyslogd over a file until it is done with."""
    (folder / "input.log").write_text("".join(f"Failed password for user{number} from 192.0.2.1\n" for number in range(LINES)))
    settings = folder / "rsyslog.conf"
    settings.write_text(RSYSLOG.format(folder=folder, certificate=certificate, action=action))
    with (folder / "said.log").open("wb") as said:
        running = subprocess.Popen(["rsyslogd", "-n", "-f", str(settings), "-i", "NONE"], stdout=said, stderr=said)
        try:
            yield
        except AssertionError as error:
            raise AssertionError((folder / "said.log").read_text()[-4_000:]) from error
        finally:
            running.terminate()
            try:
                running.wait(SECONDS)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()


@_needs("rsyslogd", "rsyslog rsyslog-openssl")
@pytest.mark.parametrize("way", list(ACTIONS))
def test_rsyslog_forwards(yard: Any, ports: Ports, certificate: Path, tmp_path: Path, way: str) -> None:
    yard.refusals = 0 if way == "udp" else 3
    with _rsyslog(tmp_path, certificate, ACTIONS[way].format(**vars(ports))):
        _until(lambda: len(yard.messages) + yard.count("dropped") >= LINES, f"{len(yard.messages)} of {LINES} arrived")
    users = {int(line.rpartition(b"user")[2].split()[0]) for line in yard.messages}
    assert users == set(range(LINES)) or way == "udp"
    assert len(users) + yard.count("dropped") == LINES
    assert all(line.startswith(b"<38>") for line in yard.messages)


@_needs("rsyslogd", "rsyslog rsyslog-elasticsearch")
def test_rsyslog_speaks_to_elasticsearch(house: Any, port: int, certificate: Path, tmp_path: Path) -> None:
    house.refusing = RefusedError("full", 1)
    with _rsyslog(tmp_path, certificate, ELASTIC.format(port=port, token=TOKEN)):
        _until(lambda: house.desk.counts.of("refused") > 0, "nothing was sent")
        house.refusing = None
        _until(lambda: house.desk.counts.of("records") >= LINES, f"{house.desk.counts.of('records')} of {LINES} arrived")
    records = [json.loads(line) for line in house.lines]
    assert {one["message"].split()[3] for one in records} == {f"user{number}" for number in range(LINES)}
    assert all(one["host"] and one["@timestamp"] for one in records)
