#define _GNU_SOURCE
#include "CSystem.h"

#include <errno.h>
#include <linux/openat2.h>
#include <malloc.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/// openat2(2) has no wrapper in the C library.
static int open_folder(int folder, const char *path, uint64_t resolve) {
    struct open_how how = {
        .flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOATIME,
        .resolve = resolve | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    int descriptor = (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
    // O_NOATIME is the owner's right alone.
    if (descriptor < 0 && errno == EPERM) {
        how.flags &= ~(uint64_t)O_NOATIME;
        descriptor = (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
    }
    return descriptor;
}

int flotilla_open_folder_beneath(int folder, const char *path) {
    return open_folder(folder, path, RESOLVE_BENEATH | RESOLVE_NO_XDEV);
}

int flotilla_open_folder(const char *path) { return open_folder(AT_FDCWD, path, 0); }

int flotilla_mount_id(int folder, uint64_t *id) {
    struct statx status;
    if (statx(folder, "", AT_EMPTY_PATH, STATX_MNT_ID, &status) != 0) return -1;
    if (!(status.stx_mask & STATX_MNT_ID)) {
        errno = ENOTSUP;
        return -1;
    }
    *id = status.stx_mnt_id;
    return 0;
}

int flotilla_rename_new(int from_folder, const char *from, int to_folder, const char *to) {
    return renameat2(from_folder, from, to_folder, to, RENAME_NOREPLACE);
}

int flotilla_trim_heap(void) { return malloc_trim(0); }

uint64_t flotilla_free_heap_bytes(void) { return mallinfo2().fordblks; }
