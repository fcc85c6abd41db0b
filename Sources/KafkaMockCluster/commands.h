#pragma once
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdint.h>

// The cluster that is ordered about; its brokers are numbered from 1.
struct cluster {
    rd_kafka_mock_cluster_t *mock;
    int32_t brokers;
};

// Performs one line, which is cut into its words in place. NULL when done, else why not.
const char *perform(struct cluster *cluster, char *line);

// Creates the topic of a "NAME:PARTITIONS" on one broker a partition. NULL when done, else why not.
const char *create_topic_as_argument(struct cluster *cluster, char *argument);

// Whether the text is a decimal number within the limits, and that number.
int parse_number(const char *text, int32_t lowest, int32_t highest, int32_t *number);
