// One record goes there and back through two topics of one partition, with one producer and one consumer that is given
// both partitions: what the cluster itself allows.
//
// usage: kafka_pingpong SERVERS PING PONG PAYLOADS SECONDS FETCH-WAIT-MS

#include "kafka.h"

static void play(rd_kafka_t *producer, rd_kafka_topic_t *topic, char *ball) {
    if (!append(producer, topic, 0, ball, 0)) fail("produce", "queue full");
    // The delivery report of an earlier one: what comes back tells that it was appended.
    rd_kafka_poll(producer, 0);
}

int main(int count, char **arguments) {
    if (count != 7) fail("usage", "kafka_pingpong SERVERS PING PONG PAYLOADS SECONDS FETCH-WAIT-MS");
    const char *servers = arguments[1], *ping = arguments[2], *pong = arguments[3];
    char *ball = payload(read_payloads(arguments[4]), 0);
    long reported = 0, rounds = 0;
    rd_kafka_conf_t *configuration = producer_configuration(servers);
    set(configuration, "linger.ms", "0");
    rd_kafka_conf_set_dr_msg_cb(configuration, count_report);
    rd_kafka_conf_set_opaque(configuration, &reported);
    rd_kafka_t *producer = client(RD_KAFKA_PRODUCER, configuration);
    rd_kafka_topic_t *there = open_topic(producer, ping), *back = open_topic(producer, pong);

    configuration = client_configuration(servers);
    set(configuration, "group.id", pong);
    set(configuration, "enable.auto.commit", "false");
    set(configuration, "fetch.wait.max.ms", arguments[6]);
    rd_kafka_t *consumer = client(RD_KAFKA_CONSUMER, configuration);
    rd_kafka_poll_set_consumer(consumer);
    rd_kafka_topic_partition_list_t *partitions = rd_kafka_topic_partition_list_new(2);
    rd_kafka_topic_partition_list_add(partitions, ping, 0)->offset = 0;
    rd_kafka_topic_partition_list_add(partitions, pong, 0)->offset = 0;
    rd_kafka_resp_err_t error = rd_kafka_assign(consumer, partitions);
    if (error) fail("assign", rd_kafka_err2str(error));

    play(producer, there, ball);
    measurement start = {0};
    double deadline = 0;
    while (start.begun == 0 || seconds_now() < deadline) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, 30000);
        if (!message) fail("consume", "no record for 30 s");
        if (message->err) fail("consume", rd_kafka_message_errstr(message));
        int is_back = strcmp(rd_kafka_topic_name(message->rkt), pong) == 0;
        rd_kafka_message_destroy(message);
        play(producer, is_back ? there : back, ball);
        if (!is_back) continue;
        if (start.begun == 0) {
            start = begin_measuring();
            deadline = start.begun + atof(arguments[5]);
        } else {
            rounds++;
        }
    }
    print_result(start, rounds, rounds * payload_bytes);
    rd_kafka_topic_partition_list_destroy(partitions);
    rd_kafka_consumer_close(consumer);
    rd_kafka_destroy(consumer);
    rd_kafka_flush(producer, 10000);
    rd_kafka_topic_destroy(there);
    rd_kafka_topic_destroy(back);
    rd_kafka_destroy(producer);
    return 0;
}
