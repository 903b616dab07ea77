# prometheus-cpp, the core only: no HTTP server, no curl. Debian ships it as a shared library; it depends on nothing that a C++
# program has not loaded already, and costs 0.1 ms of every start.
find_library(HEARTH_PROMETHEUS_CORE NAMES prometheus-cpp-core REQUIRED)
find_path(HEARTH_PROMETHEUS_INCLUDE prometheus/registry.h REQUIRED)
add_library(prometheus_core INTERFACE)
target_include_directories(prometheus_core SYSTEM INTERFACE "${HEARTH_PROMETHEUS_INCLUDE}")
target_link_libraries(prometheus_core INTERFACE "${HEARTH_PROMETHEUS_CORE}")
