#include "commands.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

// MAXIMUM_ERRORS is more than any test pushes; a line of 4 KiB has room for it.
enum { MAXIMUM_WORDS = 260, MAXIMUM_ERRORS = 256, MAXIMUM_PARTITIONS = 10000, MAXIMUM_DELAY_MS = 3600000 };

static const char *not_a_broker = "no such broker";
static const char *not_a_partition = "not a partition";
static const char *not_an_api_key = "not an API key";
static const char *not_an_error_code = "not an error code";

int parse_number(const char *text, int32_t lowest, int32_t highest, int32_t *number) {
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno || end == text || *end || value < lowest || value > highest) return 0;
    *number = (int32_t)value;
    return 1;
}

static const char *outcome(rd_kafka_resp_err_t code) { return code ? rd_kafka_err2str(code) : NULL; }

// A broker's number, or -1: all of them, or for a leader none.
static int parse_broker(const struct cluster *cluster, const char *text, int32_t *broker) {
    return parse_number(text, -1, cluster->brokers, broker) && *broker != 0;
}

// API keys and error codes are 16 bits wide; librdkafka's own error codes are negative, -195 closes the connection.
static int parse_api_key(const char *text, int32_t *key) { return parse_number(text, 0, INT16_MAX, key); }
static int parse_error(const char *text, int32_t *code) { return parse_number(text, -999, INT16_MAX, code); }

// topic NAME PARTITIONS REPLICATION
static const char *create_topic(struct cluster *cluster, char **words, int count) {
    (void)count;
    int32_t partitions, replication;
    if (!parse_number(words[1], 1, MAXIMUM_PARTITIONS, &partitions)) return "not a number of partitions";
    if (!parse_number(words[2], 1, cluster->brokers, &replication)) return "not a number of replicas";
    return outcome(rd_kafka_mock_topic_create(cluster->mock, words[0], partitions, replication));
}

const char *create_topic_as_argument(struct cluster *cluster, char *argument) {
    char *colon = strrchr(argument, ':'), *words[] = {argument, colon ? colon + 1 : NULL, "1"};
    if (!colon || colon == argument) return "not a TOPIC:PARTITIONS";
    *colon = 0;
    return create_topic(cluster, words, 3);
}

// down ID
static const char *take_down(struct cluster *cluster, char **words, int count) {
    (void)count;
    int32_t broker;
    if (!parse_broker(cluster, words[0], &broker)) return not_a_broker;
    return outcome(rd_kafka_mock_broker_set_down(cluster->mock, broker));
}

// up ID
static const char *bring_up(struct cluster *cluster, char **words, int count) {
    (void)count;
    int32_t broker;
    if (!parse_broker(cluster, words[0], &broker)) return not_a_broker;
    return outcome(rd_kafka_mock_broker_set_up(cluster->mock, broker));
}

// latency ID MILLISECONDS
static const char *set_latency(struct cluster *cluster, char **words, int count) {
    (void)count;
    int32_t broker, delay;
    if (!parse_broker(cluster, words[0], &broker)) return not_a_broker;
    if (!parse_number(words[1], 0, MAXIMUM_DELAY_MS, &delay)) return "not a delay in milliseconds";
    return outcome(rd_kafka_mock_broker_set_rtt(cluster->mock, broker, delay));
}

// leader TOPIC PARTITION ID
static const char *set_leader(struct cluster *cluster, char **words, int count) {
    (void)count;
    int32_t partition, broker;
    if (!parse_number(words[1], 0, MAXIMUM_PARTITIONS - 1, &partition)) return not_a_partition;
    if (!parse_broker(cluster, words[2], &broker)) return not_a_broker;
    return outcome(rd_kafka_mock_partition_set_leader(cluster->mock, words[0], partition, broker));
}

// errors APIKEY CODE…: for the next requests of that kind, at whichever broker
static const char *push_errors(struct cluster *cluster, char **words, int count) {
    int32_t key, code;
    rd_kafka_resp_err_t codes[MAXIMUM_ERRORS];
    if (!parse_api_key(words[0], &key)) return not_an_api_key;
    if (count - 1 > MAXIMUM_ERRORS) return "too many errors";
    for (int index = 1; index < count; index++) {
        if (!parse_error(words[index], &code)) return not_an_error_code;
        codes[index - 1] = (rd_kafka_resp_err_t)code;
    }
    rd_kafka_mock_push_request_errors_array(cluster->mock, (int16_t)key, (size_t)(count - 1), codes);
    return NULL;
}

// clear-errors APIKEY: what `errors` pushed and no request has taken
static const char *clear_errors(struct cluster *cluster, char **words, int count) {
    (void)count;
    int32_t key;
    if (!parse_api_key(words[0], &key)) return not_an_api_key;
    rd_kafka_mock_clear_request_errors(cluster->mock, (int16_t)key);
    return NULL;
}

// broker-errors ID APIKEY CODE:MILLISECONDS…: for the next requests of that kind at that broker, answered that late
static const char *push_broker_errors(struct cluster *cluster, char **words, int count) {
    int32_t broker, key, codes[MAXIMUM_ERRORS], delays[MAXIMUM_ERRORS];
    if (!parse_broker(cluster, words[0], &broker) || broker < 0) return not_a_broker;
    if (!parse_api_key(words[1], &key)) return not_an_api_key;
    if (count - 2 > MAXIMUM_ERRORS) return "too many errors";
    for (int index = 0; index < count - 2; index++) {
        char *colon = strchr(words[index + 2], ':');
        if (!colon) return "not a CODE:MILLISECONDS";
        *colon = 0;
        if (!parse_error(words[index + 2], &codes[index])) return not_an_error_code;
        if (!parse_number(colon + 1, 0, MAXIMUM_DELAY_MS, &delays[index])) return "not a delay in milliseconds";
    }
    // One at a time: the function takes its tuples as variable arguments, and there is no form with an array.
    for (int index = 0; index < count - 2; index++) {
        rd_kafka_resp_err_t code = rd_kafka_mock_broker_push_request_error_rtts(
            cluster->mock, broker, (int16_t)key, 1, (rd_kafka_resp_err_t)codes[index], (int)delays[index]);
        if (code) return outcome(code);
    }
    return NULL;
}

// coordinator group|transaction KEY ID
static const char *set_coordinator(struct cluster *cluster, char **words, int count) {
    (void)count;
    int32_t broker;
    if (strcmp(words[0], "group") && strcmp(words[0], "transaction")) return "neither group nor transaction";
    if (!parse_broker(cluster, words[2], &broker)) return not_a_broker;
    return outcome(rd_kafka_mock_coordinator_set(cluster->mock, words[0], words[1], broker));
}

static const struct {
    const char *name;
    int fewest, most;
    const char *(*perform)(struct cluster *cluster, char **words, int count);
} commands[] = {
    {"topic", 3, 3, create_topic},
    {"down", 1, 1, take_down},
    {"up", 1, 1, bring_up},
    {"latency", 2, 2, set_latency},
    {"leader", 3, 3, set_leader},
    {"errors", 2, MAXIMUM_WORDS, push_errors},
    {"clear-errors", 1, 1, clear_errors},
    {"broker-errors", 3, MAXIMUM_WORDS, push_broker_errors},
    {"coordinator", 3, 3, set_coordinator},
};

const char *perform(struct cluster *cluster, char *line) {
    char *words[MAXIMUM_WORDS], *rest = NULL;
    int count = 0;
    for (char *word = strtok_r(line, " \t\r", &rest); word; word = strtok_r(NULL, " \t\r", &rest)) {
        if (count == MAXIMUM_WORDS) return "too many words";
        words[count++] = word;
    }
    if (!count) return "no command";
    for (size_t index = 0; index < sizeof commands / sizeof *commands; index++) {
        if (strcmp(words[0], commands[index].name)) continue;
        if (count - 1 < commands[index].fewest) return "too few words";
        if (count - 1 > commands[index].most) return "too many words";
        return commands[index].perform(cluster, words + 1, count - 1);
    }
    return "unknown command";
}
