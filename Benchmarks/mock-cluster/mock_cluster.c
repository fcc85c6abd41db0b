// A Kafka cluster in memory for the peers: librdkafka's mock cluster, served to other processes over TCP on loopback.
//
// usage: mock_cluster BOOTSTRAP-FILE TOPIC PARTITIONS
//
// Writes the bootstrap servers to the file once the topic is there, and serves until SIGTERM or SIGINT. It keeps
// nothing: 5 MiB a partition, older batches are evicted.

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail(const char *what, const char *why) {
    fprintf(stderr, "mock_cluster: %s: %s\n", what, why);
    return 1;
}

static int announce(const char *path, const char *servers) {
    char partial[4096];
    if (snprintf(partial, sizeof partial, "%s.partial", path) >= (int)sizeof partial) return -1;
    FILE *file = fopen(partial, "w");
    if (!file) return -1;
    int written = fputs(servers, file);
    if (fclose(file) != 0 || written < 0) return -1;
    return rename(partial, path);
}

int main(int count, char **arguments) {
    if (count != 4) return fail("usage", "mock_cluster BOOTSTRAP-FILE TOPIC PARTITIONS");
    // Blocked before librdkafka starts its threads, so that they inherit it and sigwait gets the signal.
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGINT);
    pthread_sigmask(SIG_BLOCK, &stop, NULL);

    char error[512];
    rd_kafka_conf_t *configuration = rd_kafka_conf_new();
    // Warnings and worse: without it a notice says that this client has no cluster, which is meant.
    if (rd_kafka_conf_set(configuration, "log_level", "4", error, sizeof error) != RD_KAFKA_CONF_OK)
        return fail("log_level", error);
    rd_kafka_t *handle = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, error, sizeof error);
    if (!handle) return fail("rd_kafka_new", error);
    rd_kafka_mock_cluster_t *cluster = rd_kafka_mock_cluster_new(handle, 1);
    if (!cluster) return fail("rd_kafka_mock_cluster_new", "no cluster");
    rd_kafka_resp_err_t created = rd_kafka_mock_topic_create(cluster, arguments[2], atoi(arguments[3]), 1);
    if (created) return fail("rd_kafka_mock_topic_create", rd_kafka_err2str(created));
    if (announce(arguments[1], rd_kafka_mock_cluster_bootstraps(cluster)) != 0) return fail(arguments[1], "not written");

    int received;
    sigwait(&stop, &received);
    rd_kafka_mock_cluster_destroy(cluster);
    rd_kafka_destroy(handle);
    return 0;
}
