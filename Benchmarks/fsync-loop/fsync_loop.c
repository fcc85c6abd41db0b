// What the disk gives: appends the bytes of 64 records of 300 bytes and makes them durable with one fdatasync, again and
// again. Prints records/s and fsyncs/s as JSON.
//
// usage: fsync_loop FOLDER SECONDS

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { records_per_sync = 64, record_bytes = 300 };

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

int main(int count, char **arguments) {
    if (count != 3) {
        fputs("usage: fsync_loop FOLDER SECONDS\n", stderr);
        return 2;
    }
    char path[4096];
    snprintf(path, sizeof path, "%s/fsync_loop.data", arguments[1]);
    int file = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0) {
        perror(path);
        return 1;
    }
    static char block[records_per_sync * record_bytes];
    memset(block, 'x', sizeof block);
    double limit = atof(arguments[2]), start = seconds_now(), elapsed = 0;
    long syncs = 0;
    while (elapsed < limit) {
        for (int record = 0; record < records_per_sync; record++) {
            if (write(file, block + record * record_bytes, record_bytes) != record_bytes) {
                perror("write");
                return 1;
            }
        }
        if (fdatasync(file) != 0) {
            perror("fdatasync");
            return 1;
        }
        syncs++;
        elapsed = seconds_now() - start;
    }
    close(file);
    unlink(path);
    printf("{\"appends_per_second\": %.0f, \"fsyncs_per_second\": %.0f}\n", syncs * records_per_sync / elapsed,
           syncs / elapsed);
    return 0;
}
