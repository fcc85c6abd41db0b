// A producer on librdkafka and the records that every program here appends, for the loops.

#ifndef KAFKA_H
#define KAFKA_H

#include <librdkafka/rdkafka.h>

#include "measure.h"

// As many keys as a fleet has devices that are busy at a time; each program uses them in turn.
enum { keys = 4096, key_bytes = 14 };

static inline void set(rd_kafka_conf_t *configuration, const char *name, const char *value) {
    char error[512];
    if (rd_kafka_conf_set(configuration, name, value, error, sizeof error) != RD_KAFKA_CONF_OK) fail(name, error);
}

static inline rd_kafka_conf_t *client_configuration(const char *servers) {
    rd_kafka_conf_t *configuration = rd_kafka_conf_new();
    set(configuration, "bootstrap.servers", servers);
    return configuration;
}

// What the driver asks of every program that is built on the library: `name=value` arguments.
static inline void set_all(rd_kafka_conf_t *configuration, char **properties, int count) {
    for (int index = 0; index < count; index++) {
        char *name = strdup(properties[index]), *equals = strchr(name, '=');
        if (!equals) fail(name, "not a property: NAME=VALUE");
        *equals = 0;
        set(configuration, name, equals + 1);
        free(name);
    }
}

static inline rd_kafka_t *client(rd_kafka_type_t type, rd_kafka_conf_t *configuration) {
    char error[512];
    rd_kafka_t *made = rd_kafka_new(type, configuration, error, sizeof error);
    if (!made) fail("rd_kafka_new", error);
    return made;
}

// Acknowledged by all replicas, idempotent, the Java client's partitioner.
static inline rd_kafka_conf_t *producer_configuration(const char *servers) {
    rd_kafka_conf_t *configuration = client_configuration(servers);
    set(configuration, "acks", "all");
    set(configuration, "enable.idempotence", "true");
    set(configuration, "partitioner", "murmur2_random");
    return configuration;
}

// A failed report ends the program: what is counted is in the log.
static inline void count_report(rd_kafka_t *producer, const rd_kafka_message_t *message, void *reported) {
    (void)producer;
    if (message->err) fail("delivery", rd_kafka_err2str(message->err));
    ++*(long *)reported;
}

// The two headers of a device command: its type and its trace.
static inline rd_kafka_headers_t *command_headers(void) {
    static const char type[] = "com.flotilla.device.command";
    static const char trace[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    rd_kafka_headers_t *headers = rd_kafka_headers_new(2);
    rd_kafka_header_add(headers, "ce_type", -1, type, sizeof type - 1);
    rd_kafka_header_add(headers, "traceparent", -1, trace, sizeof trace - 1);
    return headers;
}

// False when the queue is full. `partition` may be RD_KAFKA_PARTITION_UA: the key decides.
static inline int append(rd_kafka_t *producer, rd_kafka_topic_t *topic, int partition, char *value, long number) {
    char key[key_bytes + 1];
    snprintf(key, sizeof key, "bench-%08lx", number % keys);
    rd_kafka_headers_t *headers = command_headers();
    rd_kafka_resp_err_t error = rd_kafka_producev(
        producer, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_PARTITION(partition), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_KEY(key, key_bytes), RD_KAFKA_V_VALUE(value, payload_bytes), RD_KAFKA_V_HEADERS(headers),
        RD_KAFKA_V_END);
    if (!error) return 1;
    // The library takes the headers only with the record.
    rd_kafka_headers_destroy(headers);
    if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) fail("produce", rd_kafka_err2str(error));
    return 0;
}

static inline rd_kafka_topic_t *open_topic(rd_kafka_t *producer, const char *name) {
    rd_kafka_topic_t *topic = rd_kafka_topic_new(producer, name, NULL);
    if (!topic) fail(name, rd_kafka_err2str(rd_kafka_last_error()));
    return topic;
}

#endif
