// Appends records to a topic, keyed and with two headers, as fast as the library takes them, for some seconds, and
// waits for the last delivery report.
//
// usage: kafka_produce SERVERS TOPIC PAYLOADS SECONDS [PROPERTY=VALUE…]

#include "kafka.h"

// Appended before the clock starts: connections, topic and producer id are there then.
enum { warm_up = 1000 };

int main(int count, char **arguments) {
    if (count < 5) fail("usage", "kafka_produce SERVERS TOPIC PAYLOADS SECONDS [PROPERTY=VALUE…]");
    payloads values = read_payloads(arguments[3]);
    double limit = atof(arguments[4]);
    long reported = 0, appended = 0;
    rd_kafka_conf_t *configuration = producer_configuration(arguments[1]);
    set_all(configuration, arguments + 5, count - 5);
    rd_kafka_conf_set_dr_msg_cb(configuration, count_report);
    rd_kafka_conf_set_opaque(configuration, &reported);
    rd_kafka_t *producer = client(RD_KAFKA_PRODUCER, configuration);
    rd_kafka_topic_t *topic = open_topic(producer, arguments[2]);
    const int by_key = RD_KAFKA_PARTITION_UA;

    for (; appended < warm_up; appended++)
        if (!append(producer, topic, by_key, payload(values, appended), appended)) fail("produce", "queue full");
    while (reported < appended) rd_kafka_poll(producer, 100);

    measurement start = begin_measuring();
    double deadline = start.begun + limit;
    while (seconds_now() < deadline) {
        if (append(producer, topic, by_key, payload(values, appended), appended)) {
            appended++;
            // Serves the reports that are there, as the library's examples do, without asking after every record.
            if (appended % 100 == 0) rd_kafka_poll(producer, 0);
        } else {
            rd_kafka_poll(producer, 10);
        }
    }
    while (reported < appended) rd_kafka_poll(producer, 100);
    print_result(start, reported - warm_up, (reported - warm_up) * payload_bytes);
    rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(producer);
    return 0;
}
