// What every loop here needs: clocks, the payloads, and its one line of JSON.

#ifndef MEASURE_H
#define MEASURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { payload_bytes = 300 };

__attribute__((noreturn)) static inline void fail(const char *what, const char *why) {
    fprintf(stderr, "%s: %s\n", what, why);
    exit(1);
}

static inline double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

// Processor time of this process, user and system.
static inline double cpu_seconds(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

typedef struct {
    double begun, cpu_before;
} measurement;

static inline measurement begin_measuring(void) {
    return (measurement){seconds_now(), cpu_seconds()};
}

// Prints the result; `bytes` adds up what was read, so that the driver can compare it among the programs.
static inline void print_result(measurement start, long messages, long bytes) {
    printf("{\"messages\": %ld, \"seconds\": %.6f, \"cpu_seconds\": %.6f, \"bytes\": %ld}\n", messages,
           seconds_now() - start.begun, cpu_seconds() - start.cpu_before, bytes);
}

typedef struct {
    char *bytes;
    long count;
} payloads;

// The driver's file of payloads, one behind the other.
static inline payloads read_payloads(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) fail(path, "not readable");
    if (fseek(file, 0, SEEK_END) != 0) fail(path, "not seekable");
    long size = ftell(file);
    rewind(file);
    if (size <= 0 || size % payload_bytes != 0) fail(path, "not a whole number of payloads");
    char *bytes = malloc(size);
    if (!bytes || fread(bytes, 1, size, file) != (size_t)size) fail(path, "not read");
    fclose(file);
    return (payloads){bytes, size / payload_bytes};
}

static inline char *payload(payloads all, long number) {
    return all.bytes + number % all.count * payload_bytes;
}

#endif
