// Appends a number of records to every partition of a topic, for the programs that read them, and makes sure that all
// of them are there: the mock cluster evicts what is over 5 MiB a partition.
//
// usage: kafka_fill SERVERS TOPIC PAYLOADS PARTITIONS RECORDS-PER-PARTITION [PROPERTY=VALUE…]

#include "kafka.h"

static void check_partition(rd_kafka_t *producer, const char *topic, int partition, int64_t records) {
    int64_t oldest, next;
    rd_kafka_resp_err_t error = rd_kafka_query_watermark_offsets(producer, topic, partition, &oldest, &next, 10000);
    if (error) fail("offsets", rd_kafka_err2str(error));
    if (oldest != 0 || next != records) fail(topic, "records were evicted, or were there before");
}

int main(int count, char **arguments) {
    const char *usage = "kafka_fill SERVERS TOPIC PAYLOADS PARTITIONS RECORDS-PER-PARTITION [PROPERTY=VALUE…]";
    if (count < 6) fail("usage", usage);
    payloads values = read_payloads(arguments[3]);
    long partitions = atol(arguments[4]), each = atol(arguments[5]);
    long records = partitions * each, reported = 0, appended = 0;
    rd_kafka_conf_t *configuration = producer_configuration(arguments[1]);
    set_all(configuration, arguments + 6, count - 6);
    rd_kafka_conf_set_dr_msg_cb(configuration, count_report);
    rd_kafka_conf_set_opaque(configuration, &reported);
    rd_kafka_t *producer = client(RD_KAFKA_PRODUCER, configuration);
    rd_kafka_topic_t *topic = open_topic(producer, arguments[2]);

    measurement start = begin_measuring();
    while (appended < records) {
        if (append(producer, topic, appended % partitions, payload(values, appended), appended))
            appended++;
        else
            rd_kafka_poll(producer, 10);
    }
    while (reported < appended) rd_kafka_poll(producer, 100);
    print_result(start, reported, reported * payload_bytes);
    for (int partition = 0; partition < partitions; partition++)
        check_partition(producer, arguments[2], partition, each);
    rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(producer);
    return 0;
}
