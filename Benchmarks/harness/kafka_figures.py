"""Kafka: appending in batches and singly, consuming, and ping-pong, each beside a C loop or Python's clients."""

from .comparison import Comparison
from .kafka import KafkaCluster
from .payloads import write_payloads
from .plan import Plan
from .programs import Run, c_loop, ours, python_peer
from .report import Figure

# The mock cluster keeps 5 MiB a partition: older records go while newer ones come, which a producer does not notice.
PARTITIONS = 12
LINGER_MS = 5
# None: what is compared is the clients and not a codec.
COMPRESSION = "none"
PRODUCING = (f"linger.ms={LINGER_MS}", f"compression.type={COMPRESSION}")

BATCH = 1000
BATCHES_IN_FLIGHT = 32
IN_FLIGHT = 4000

# What is to be consumed must all be there at once: 64 partitions of 20,000 records, under 5 MiB each with LZ4.
CONSUMED_PARTITIONS, RECORDS_PER_PARTITION = 64, 20_000
# librdkafka 2.0.2 stops fetching for a second once its queue is over these bounds, and the mock cluster holds an empty
# fetch back for the whole wait. Every program that is built on the library gets them.
FETCHING = ("fetch.wait.max.ms=10", "queued.min.messages=1000000", "queued.max.messages.kbytes=262144")

# A broker answers a waiting fetch when a record comes. The mock cluster lets it wait to its end: no client waits.
PINGPONG_FETCH_WAIT_MS = 0


def append(plan: Plan) -> list[Figure]:
    """Batches, and the fastest way that the peers have: acks=all, idempotent, keyed, two headers."""
    compared = Comparison(f"Kafka append, batches of {BATCH:,}", "records/s")
    with KafkaCluster(plan.folder) as cluster:
        payloads = write_payloads(plan.folder / "payloads")
        target = (cluster.servers, cluster.create_topic("append", PARTITIONS), payloads)
        for _ in range(plan.rounds):
            compared.ours.append(ours("kafka-append", *target, BATCH, BATCHES_IN_FLIGHT, plan.seconds, *PRODUCING))
            compared.add("C, librdkafka", c_loop("kafka_produce", *target, plan.seconds, *PRODUCING), least_ratio=0.8)
            compared.add(
                "confluent-kafka",
                python_peer("confluent_peer.py", "produce", *target, 0, plan.seconds, *PRODUCING), least_ratio=2)
    return compared.figures()


def single(plan: Plan) -> list[Figure]:
    """Each record awaited by itself, 4,000 in flight: tasks of ours and of aiokafka, callbacks of confluent-kafka."""
    compared = Comparison(f"Kafka append, single, {IN_FLIGHT:,} in flight", "records/s")
    with KafkaCluster(plan.folder) as cluster:
        payloads = write_payloads(plan.folder / "payloads")
        target = (cluster.servers, cluster.create_topic("single", PARTITIONS), payloads, IN_FLIGHT)
        for _ in range(plan.rounds):
            compared.ours.append(ours("kafka-single", *target, plan.seconds, *PRODUCING))
            compared.add(
                "confluent-kafka",
                python_peer("confluent_peer.py", "produce", *target, plan.seconds, *PRODUCING), least_ratio=1.2)
            compared.add(
                "aiokafka",
                python_peer("aiokafka_peer.py", *target, LINGER_MS, COMPRESSION, plan.seconds), least_ratio=8)
    return compared.figures()


def consume(plan: Plan) -> list[Figure]:
    """One member of a new group reads key, value and both headers of every record and commits once a second."""
    compared = Comparison("Kafka consume", "records/s")
    count = CONSUMED_PARTITIONS * RECORDS_PER_PARTITION
    with KafkaCluster(plan.folder) as cluster:
        payloads = write_payloads(plan.folder / "payloads")
        topic = cluster.create_topic("consume", CONSUMED_PARTITIONS)
        c_loop(
            "kafka_fill", cluster.servers, topic, payloads, CONSUMED_PARTITIONS, RECORDS_PER_PARTITION,
            "linger.ms=100", "compression.type=lz4")

        def measure(group: str, program, *before: object, more: tuple[object, ...] = ()) -> Run:
            run = program(*before, cluster.servers, topic, group, *more, count, *FETCHING)
            if run.messages != count:
                raise RuntimeError(f"{group}: {run.messages} records of {count}")
            return run

        for number in range(plan.rounds):
            compared.ours.append(measure(f"ours-{number}", ours, "kafka-consume"))
            compared.add(
                "C, one by one", measure(f"c-one-{number}", c_loop, "kafka_consume", more=("one",)), least_ratio=1)
            compared.add(
                "confluent-kafka", measure(f"confluent-{number}", python_peer, "confluent_peer.py", "consume"),
                least_ratio=3)
            compared.add("C, batches", measure(f"c-batch-{number}", c_loop, "kafka_consume", more=("batch",)))
    _check_bytes(compared)
    return compared.figures()


def pingpong(plan: Plan) -> list[Figure]:
    """One record that goes there and back through two topics."""
    compared = Comparison("Kafka ping-pong, one record", "round trips/s")
    with KafkaCluster(plan.folder) as cluster:
        payloads = write_payloads(plan.folder / "payloads")

        def measure(who: str, program, *before: object) -> Run:
            ping, pong = (cluster.create_topic(f"{name}-{who}-{number}", 1) for name in ("ping", "pong"))
            return program(*before, cluster.servers, ping, pong, payloads, plan.seconds, PINGPONG_FETCH_WAIT_MS)

        for number in range(plan.rounds):
            compared.ours.append(measure("ours", ours, "kafka-pingpong"))
            for client in ("confluent", "aiokafka"):
                compared.add(
                    f"FastStream, {client}", measure(client, python_peer, "faststream_peer.py", client), least_ratio=5)
            # Not a peer but the end of the scale: it waits for nothing but the next record.
            compared.add("C, librdkafka", measure("c", c_loop, "kafka_pingpong"))
    return compared.figures()


def _check_bytes(compared: Comparison) -> None:
    """Whoever did not read the same did not do the same work."""
    read = {run.bytes for runs in [compared.ours, *compared.peers.values()] for run in runs}
    if len(read) != 1:
        raise RuntimeError(f"the programs read different bytes: {sorted(read)}")
