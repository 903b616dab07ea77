# Libraries that are not ours. Headers of Boost and ONNX Runtime come from the pinned downloads, the rest from Debian.

find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(tl-expected REQUIRED)
find_package(GTest REQUIRED)

# Boost: headers only, unpacked beside the system's own version.
add_library(boost_headers INTERFACE)
if(EXISTS "${HEARTH_DEPS}/boost/include/boost/version.hpp")
  target_include_directories(boost_headers SYSTEM INTERFACE "${HEARTH_DEPS}/boost/include")
else()
  message(FATAL_ERROR "Boost 1.81 headers are not in ${HEARTH_DEPS}/boost: run scripts/bootstrap first (make build does).")
endif()
target_compile_definitions(boost_headers INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_ALL_NO_LIB)
target_link_libraries(boost_headers INTERFACE Threads::Threads)

# ONNX Runtime: the C header only; the library is opened when a model first needs it.
add_library(onnxruntime_headers INTERFACE)
if(EXISTS "${HEARTH_DEPS}/onnxruntime/include/onnxruntime_c_api.h")
  target_include_directories(onnxruntime_headers SYSTEM INTERFACE "${HEARTH_DEPS}/onnxruntime/include")
else()
  message(FATAL_ERROR "ONNX Runtime headers are not in ${HEARTH_DEPS}/onnxruntime: run scripts/bootstrap first (make build does).")
endif()
set(HEARTH_ORT_LIBRARY "${HEARTH_DEPS}/onnxruntime/lib/libonnxruntime.so.1")

# Formats are linked statically where Debian ships archives: one shared library less is half a millisecond of every start.
function(hearth_static_library target archive header)
  find_library(${target}_archive NAMES ${archive} REQUIRED)
  find_path(${target}_include ${header} REQUIRED)
  # Imported as what it is, so that CMake puts it behind every archive that needs it.
  add_library(${target} STATIC IMPORTED GLOBAL)
  set_target_properties(${target} PROPERTIES IMPORTED_LOCATION "${${target}_archive}")
endfunction()
hearth_static_library(zlib libz.a zlib.h)
hearth_static_library(crypto libcrypto.a openssl/evp.h)
target_link_libraries(crypto INTERFACE ${CMAKE_DL_LIBS} Threads::Threads)
