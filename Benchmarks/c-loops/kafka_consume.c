// Consumes a topic that was filled before as the one member of a new group: reads key, value and both headers of every
// record, and commits once a second.
//
// usage: kafka_consume SERVERS TOPIC GROUP one|batch COUNT [PROPERTY=VALUE…]
//
// `one` takes the records one by one, with rd_kafka_consumer_poll; `batch` up to 1,000 at a time, with
// rd_kafka_consume_batch_queue. The clock starts with the first record: joining a group takes seconds.

#include "kafka.h"

enum { batch_records = 1000, wait_ms = 30000 };

static long header_bytes(const rd_kafka_message_t *message, const char *name) {
    rd_kafka_headers_t *headers;
    const void *value;
    size_t size;
    if (rd_kafka_message_headers(message, &headers) || rd_kafka_header_get_last(headers, name, &value, &size))
        fail(name, "not among the headers");
    return size;
}

static long read_record(const rd_kafka_message_t *message) {
    if (message->err) fail("consume", rd_kafka_message_errstr(message));
    return message->key_len + message->len + header_bytes(message, "ce_type") + header_bytes(message, "traceparent");
}

static size_t take(rd_kafka_t *consumer, rd_kafka_queue_t *queue, rd_kafka_message_t **messages, int takes_batches) {
    if (takes_batches) {
        ssize_t taken = rd_kafka_consume_batch_queue(queue, wait_ms, messages, batch_records);
        if (taken < 0) fail("consume", rd_kafka_err2str(rd_kafka_last_error()));
        return taken;
    }
    messages[0] = rd_kafka_consumer_poll(consumer, wait_ms);
    return messages[0] != NULL;
}

static void commit(rd_kafka_t *consumer) {
    rd_kafka_resp_err_t error = rd_kafka_commit(consumer, NULL, 0);
    if (error && error != RD_KAFKA_RESP_ERR__NO_OFFSET) fail("commit", rd_kafka_err2str(error));
}

int main(int count, char **arguments) {
    if (count < 6) fail("usage", "kafka_consume SERVERS TOPIC GROUP one|batch COUNT [PROPERTY=VALUE…]");
    int takes_batches = strcmp(arguments[4], "batch") == 0;
    long wanted = atol(arguments[5]), read = 0, bytes = 0;
    rd_kafka_conf_t *configuration = client_configuration(arguments[1]);
    set(configuration, "group.id", arguments[3]);
    set(configuration, "auto.offset.reset", "earliest");
    set(configuration, "enable.auto.commit", "false");
    set(configuration, "partition.assignment.strategy", "cooperative-sticky");
    set_all(configuration, arguments + 6, count - 6);
    rd_kafka_t *consumer = client(RD_KAFKA_CONSUMER, configuration);
    rd_kafka_poll_set_consumer(consumer);
    rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(consumer);
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(topics, arguments[2], RD_KAFKA_PARTITION_UA);
    rd_kafka_resp_err_t error = rd_kafka_subscribe(consumer, topics);
    if (error) fail("subscribe", rd_kafka_err2str(error));

    static rd_kafka_message_t *messages[batch_records];
    measurement start = {0};
    double next_commit = 0;
    while (read < wanted) {
        size_t taken = take(consumer, queue, messages, takes_batches);
        if (taken == 0) fail("consume", "no record for 30 s");
        if (read == 0) {
            start = begin_measuring();
            next_commit = start.begun + 1;
        }
        for (size_t index = 0; index < taken; index++) {
            bytes += read_record(messages[index]);
            rd_kafka_message_destroy(messages[index]);
        }
        read += taken;
        if (seconds_now() >= next_commit) {
            commit(consumer);
            next_commit += 1;
        }
    }
    commit(consumer);
    print_result(start, read, bytes);
    rd_kafka_topic_partition_list_destroy(topics);
    rd_kafka_queue_destroy(queue);
    rd_kafka_consumer_close(consumer);
    rd_kafka_destroy(consumer);
    return 0;
}
