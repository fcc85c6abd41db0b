#define _GNU_SOURCE
#include "CSystem.h"
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>

long flotilla_futex_wait(uint32_t *word, uint32_t expected, const struct timespec *deadline) {
    return syscall(SYS_futex, word, FUTEX_WAIT_BITSET, expected, deadline, NULL, FUTEX_BITSET_MATCH_ANY);
}

long flotilla_futex_wake(uint32_t *word) {
    return syscall(SYS_futex, word, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

int flotilla_lock_byte(int descriptor, int64_t offset) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = offset, .l_len = 1};
    return fcntl(descriptor, F_OFD_SETLK, &lock);
}

int flotilla_byte_is_locked(int descriptor, int64_t offset) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = offset, .l_len = 1};
    if (fcntl(descriptor, F_OFD_GETLK, &lock) != 0) return -1;
    return lock.l_type != F_UNLCK;
}

int flotilla_name_thread(const char *name) { return pthread_setname_np(pthread_self(), name); }

// A handler may only touch lock-free atomics and make async-signal-safe calls. It owns no descriptor, so none can be
// closed under it.
static uint32_t signal_word;
static uint32_t signal_counts[NSIG];
static unsigned signal_watches[NSIG];
static struct sigaction signal_previous[NSIG];
static pthread_mutex_t signal_lock = PTHREAD_MUTEX_INITIALIZER;

static void count_signal(int signal) {
    int saved = errno;
    flotilla_atomic_add(&signal_counts[signal], 1);
    flotilla_atomic_add(&signal_word, 1);
    flotilla_futex_wake(&signal_word);
    errno = saved;
}

int flotilla_signal_watch(int signal) {
    if (signal < 1 || signal >= NSIG) {
        errno = EINVAL;
        return -1;
    }
    int result = 0;
    pthread_mutex_lock(&signal_lock);
    if (signal_watches[signal] == 0) {
        struct sigaction action = {.sa_handler = count_signal, .sa_flags = SA_RESTART};
        sigemptyset(&action.sa_mask);
        result = sigaction(signal, &action, &signal_previous[signal]);
    }
    if (result == 0) signal_watches[signal] += 1;
    pthread_mutex_unlock(&signal_lock);
    return result;
}

void flotilla_signal_unwatch(int signal) {
    if (signal < 1 || signal >= NSIG) return;
    pthread_mutex_lock(&signal_lock);
    if (signal_watches[signal] > 0 && --signal_watches[signal] == 0) {
        sigaction(signal, &signal_previous[signal], NULL);
    }
    pthread_mutex_unlock(&signal_lock);
}

uint32_t flotilla_signal_count(int signal) {
    return signal < 1 || signal >= NSIG ? 0 : flotilla_atomic_load(&signal_counts[signal]);
}

uint32_t *flotilla_signal_word(void) { return &signal_word; }

void flotilla_block_signals(sigset_t *previous) {
    static const int kept[] = {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGPROF, SIGSEGV, SIGSYS, SIGTRAP};
    sigset_t blocked;
    sigfillset(&blocked);
    for (size_t index = 0; index < sizeof kept / sizeof *kept; index++) sigdelset(&blocked, kept[index]);
    pthread_sigmask(SIG_SETMASK, &blocked, previous);
}

void flotilla_restore_signals(const sigset_t *previous) { pthread_sigmask(SIG_SETMASK, previous, NULL); }

void flotilla_unblock_signal(int signal) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signal);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

ssize_t flotilla_write_quietly(int descriptor, const void *bytes, size_t count) {
    sigset_t pipe, pending, previous;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    sigpending(&pending);
    pthread_sigmask(SIG_BLOCK, &pipe, &previous);
    ssize_t written = write(descriptor, bytes, count);
    int saved = errno;
    if (written < 0 && saved == EPIPE && !sigismember(&pending, SIGPIPE)) {
        static const struct timespec now = {0, 0};
        while (sigtimedwait(&pipe, NULL, &now) < 0 && errno == EINTR) {}
    }
    pthread_sigmask(SIG_SETMASK, &previous, NULL);
    errno = saved;
    return written;
}
