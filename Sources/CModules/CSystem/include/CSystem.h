#pragma once
// Linux calls and atomics that Swift cannot import: futexes on shared memory, variadic system calls, file locks, signals.
// No _GNU_SOURCE here: it changes the system's structures and Swift has imported them without it.
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/// Adds to a counter in shared memory and returns the new value.
static inline uint32_t flotilla_atomic_add(uint32_t *word, uint32_t value) {
    return __atomic_add_fetch(word, value, __ATOMIC_SEQ_CST);
}

/// Reads a counter in shared memory.
static inline uint32_t flotilla_atomic_load(const uint32_t *word) {
    return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

/// Waits until `*word != expected`, a wake, or the absolute CLOCK_MONOTONIC deadline (NULL: none). 0 or -1 with errno.
long flotilla_futex_wait(uint32_t *word, uint32_t expected, const struct timespec *deadline);

/// Wakes every waiter of `word`, in every process that maps it.
long flotilla_futex_wake(uint32_t *word);

/// Locks one byte of a file for this open file description until it is closed or its process dies. 0, or -1 with errno.
int flotilla_lock_byte(int descriptor, int64_t offset);

/// Whether another open file description holds a byte: 1, 0, or -1 with errno.
int flotilla_byte_is_locked(int descriptor, int64_t offset);

/// Starts to count a signal instead of its disposition; each call needs one `flotilla_signal_unwatch`. 0, or -1 with errno.
int flotilla_signal_watch(int signal);

/// Ends one watch of a signal; the last one restores the disposition found by the first.
void flotilla_signal_unwatch(int signal);

/// How often a watched signal has arrived in this process; wraps around.
uint32_t flotilla_signal_count(int signal);

/// The word that changes, with a futex wake, whenever a watched signal arrives.
uint32_t *flotilla_signal_word(void);

/// Blocks every signal in the calling thread but those of its own faults and the profiler's.
void flotilla_block_signals(sigset_t *previous);

/// Restores a signal mask in the calling thread.
void flotilla_restore_signals(const sigset_t *previous);

/// Lets one signal through in the calling thread.
void flotilla_unblock_signal(int signal);

/// `write` that answers EPIPE without SIGPIPE, whatever the process does about that signal.
ssize_t flotilla_write_quietly(int descriptor, const void *bytes, size_t count);

/// Names the calling thread, at most 15 bytes. 0, or an error number.
int flotilla_name_thread(const char *name);

/// Opens a folder for reading that must lie beneath another: no link is followed, no mount is crossed, and its time of
/// access stays where the system permits. A descriptor, or -1 with errno (ENOSYS before Linux 5.6).
int flotilla_open_folder_beneath(int folder, const char *path);

/// Opens a folder for reading by an absolute path none of whose parts may be a link. A descriptor, or -1 with errno.
int flotilla_open_folder(const char *path);

/// Which mount an open folder is seen through. 0, or -1 with errno (ENOTSUP before Linux 5.8).
int flotilla_mount_id(int folder, uint64_t *id);

/// Moves a file on its file system, never onto another one. 0, or -1 with errno.
int flotilla_rename_new(int from_folder, const char *from, int to_folder, const char *to);

/// Gives the free pages of this process's heap back to the kernel. 1 when some were, else 0.
int flotilla_trim_heap(void);

/// The free bytes inside this process's heap (mallinfo2(3), `fordblks`).
uint64_t flotilla_free_heap_bytes(void);
/// Takes the pages of the process's code off it; they come back from the files when they are needed.
void flotilla_release_text(void);

