// A Kafka cluster in memory, for tests and benchmarks: librdkafka's mock cluster, served to other processes over TCP on
// loopback, and ordered about over standard input.
//
// usage: kafka-mock-cluster BROKERS [TOPIC:PARTITIONS…]
//
// Prints "bootstrap HOST:PORT,…" once it serves, then answers each line of standard input with "ok" or "error WHY", in
// order; the lines are those of commands.c. Ends at the end of standard input and at SIGTERM and SIGINT, so nothing is
// left of it when whoever started it dies. It keeps nothing: 5 MiB a partition, older batches are evicted.

#include "commands.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { MAXIMUM_LINE = 4096 };

static int fail(const char *what, const char *why) {
    fprintf(stderr, "kafka-mock-cluster: %s: %s\n", what, why);
    return 1;
}

// Makes what waits for it see the answer at once: standard output may be a pipe.
static void answer(const char *error) {
    if (error) printf("error %s\n", error);
    else puts("ok");
    fflush(stdout);
}

// Answers the whole lines of the text and returns how much of it is a line without its end.
static size_t obey(struct cluster *cluster, char *text, size_t length, int *discarding) {
    char *line = text, *newline;
    while ((newline = memchr(line, '\n', (size_t)(text + length - line)))) {
        *newline = 0;
        if (*discarding) answer("the line is too long");
        else if (strlen(line) != (size_t)(newline - line)) answer("the line holds a zero byte");
        else answer(perform(cluster, line));
        *discarding = 0;
        line = newline + 1;
    }
    size_t rest = (size_t)(text + length - line);
    if (rest == MAXIMUM_LINE) {
        *discarding = 1;
        rest = 0;
    }
    memmove(text, line, rest);
    return rest;
}

static int serve(struct cluster *cluster, int stop) {
    char text[MAXIMUM_LINE];
    size_t length = 0;
    int discarding = 0;
    struct pollfd watched[] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = stop, .events = POLLIN}};
    for (;;) {
        if (poll(watched, 2, -1) < 0) {
            if (errno == EINTR) continue;
            return fail("poll", strerror(errno));
        }
        if (watched[1].revents) return 0;
        ssize_t count = read(STDIN_FILENO, text + length, sizeof text - length);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return fail("standard input", strerror(errno));
        if (count == 0) return 0;
        length = obey(cluster, text, length + (size_t)count, &discarding);
    }
}

int main(int count, char **arguments) {
    const char *usage = "kafka-mock-cluster BROKERS [TOPIC:PARTITIONS…]";
    if (count < 2) return fail("usage", usage);
    int32_t brokers;
    if (!parse_number(arguments[1], 1, 100, &brokers)) return fail("usage", usage);
    // Blocked before librdkafka starts its threads, so that they inherit it and the descriptor gets the signals.
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    int stop = signalfd(-1, &ends, SFD_CLOEXEC);
    if (stop < 0) return fail("signalfd", strerror(errno));

    char error[512];
    rd_kafka_conf_t *configuration = rd_kafka_conf_new();
    // Warnings and worse: without it a notice says that this client has no cluster, which is meant.
    if (rd_kafka_conf_set(configuration, "log_level", "4", error, sizeof error) != RD_KAFKA_CONF_OK)
        return fail("log_level", error);
    rd_kafka_t *handle = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, error, sizeof error);
    if (!handle) return fail("rd_kafka_new", error);
    struct cluster cluster = {rd_kafka_mock_cluster_new(handle, brokers), brokers};
    if (!cluster.mock) return fail("rd_kafka_mock_cluster_new", "no cluster");
    for (int index = 2; index < count; index++) {
        const char *why = create_topic_as_argument(&cluster, arguments[index]);
        if (why) return fail(arguments[index], why);
    }
    printf("bootstrap %s\n", rd_kafka_mock_cluster_bootstraps(cluster.mock));
    fflush(stdout);

    int status = serve(&cluster, stop);
    rd_kafka_mock_cluster_destroy(cluster.mock);
    rd_kafka_destroy(handle);
    return status;
}
