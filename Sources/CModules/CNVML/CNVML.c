#include "CNVML.h"

#include <dlfcn.h>
#include <string.h>

int flotilla_nvml_load(const char *name, flotilla_nvml *functions) {
    memset(functions, 0, sizeof *functions);
    // Never closed: the driver's library keeps threads and descriptors of its own.
    void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (!library) return FLOTILLA_NVML_NO_LIBRARY;
    *(void **)&functions->init = dlsym(library, "nvmlInit_v2");
    *(void **)&functions->shutdown = dlsym(library, "nvmlShutdown");
    *(void **)&functions->device_count = dlsym(library, "nvmlDeviceGetCount_v2");
    *(void **)&functions->device = dlsym(library, "nvmlDeviceGetHandleByIndex_v2");
    *(void **)&functions->error_string = dlsym(library, "nvmlErrorString");
    *(void **)&functions->name = dlsym(library, "nvmlDeviceGetName");
    *(void **)&functions->uuid = dlsym(library, "nvmlDeviceGetUUID");
    *(void **)&functions->utilization = dlsym(library, "nvmlDeviceGetUtilizationRates");
    *(void **)&functions->memory = dlsym(library, "nvmlDeviceGetMemoryInfo");
    *(void **)&functions->temperature = dlsym(library, "nvmlDeviceGetTemperature");
    *(void **)&functions->power = dlsym(library, "nvmlDeviceGetPowerUsage");
    *(void **)&functions->power_limit = dlsym(library, "nvmlDeviceGetEnforcedPowerLimit");
    *(void **)&functions->clock = dlsym(library, "nvmlDeviceGetClockInfo");
    *(void **)&functions->processes = dlsym(library, "nvmlDeviceGetComputeRunningProcesses_v3");
    if (functions->init && functions->shutdown && functions->device_count && functions->device) {
        return FLOTILLA_NVML_OK;
    }
    dlclose(library);
    return FLOTILLA_NVML_NO_FUNCTION;
}
