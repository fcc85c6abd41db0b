#define _GNU_SOURCE
#include "CSystem.h"
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

// What was loaded from a file: the program has no name here, the kernel's own code has one without a folder.
static int is_file(const struct dl_phdr_info *object) {
    return object->dlpi_name && (!object->dlpi_name[0] || object->dlpi_name[0] == '/');
}

static int release_text_of(struct dl_phdr_info *object, size_t size, void *context) {
    (void)size;
    (void)context;
    if (!is_file(object)) return 0;
    uintptr_t page = (uintptr_t)getpagesize();
    for (int index = 0; index < object->dlpi_phnum; index += 1) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[index];
        if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_X) || (segment->p_flags & PF_W)) continue;
        uintptr_t start = object->dlpi_addr + segment->p_vaddr;
        uintptr_t first = start & ~(page - 1);
        // A kernel that refuses keeps the pages where they are.
        madvise((void *)first, start + segment->p_memsz - first, MADV_DONTNEED);
    }
    return 0;
}

void flotilla_release_text(void) { dl_iterate_phdr(release_text_of, NULL); }
