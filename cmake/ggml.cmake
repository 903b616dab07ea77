# llama.cpp and whisper.cpp: built once a machine by scripts/build_ggml.py, for this machine's instructions or portable. Included where a
# room needs them, so that the others can be worked on without.
include_guard(GLOBAL)
if(HEARTH_NATIVE OR HEARTH_SANITIZE OR CMAKE_BUILD_TYPE STREQUAL "Debug")
  set(ggml_variant native)
else()
  set(ggml_variant portable)
endif()
set_property(
  DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/scripts/build_ggml.py" "${CMAKE_SOURCE_DIR}/cmake/ggml/edits.toml"
                            "${CMAKE_SOURCE_DIR}/cmake/ggml/CMakeLists.txt")
execute_process(
  COMMAND python3 "${CMAKE_SOURCE_DIR}/scripts/build_ggml.py" --variant ${ggml_variant}
  OUTPUT_VARIABLE HEARTH_GGML OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
file(GLOB ggml_archives "${HEARTH_GGML}/lib/*.a")
add_library(ggml_archives INTERFACE)
target_link_libraries(ggml_archives INTERFACE -Wl,--start-group ${ggml_archives} -Wl,--end-group Threads::Threads ${CMAKE_DL_LIBS} m)
add_library(whisper_cpp INTERFACE)
target_include_directories(whisper_cpp SYSTEM INTERFACE "${HEARTH_GGML}/include/whisper/include" "${HEARTH_GGML}/include/llama/ggml/include")
target_link_libraries(whisper_cpp INTERFACE ggml_archives)
add_library(llama_cpp INTERFACE)
target_include_directories(
  llama_cpp SYSTEM
  INTERFACE "${HEARTH_GGML}/include/llama/tools/server" "${HEARTH_GGML}/include/llama/tools/mtmd" "${HEARTH_GGML}/include/llama/common"
            "${HEARTH_GGML}/include/llama/include" "${HEARTH_GGML}/include/llama/ggml/include" "${HEARTH_GGML}/include/llama/vendor")
target_link_libraries(llama_cpp INTERFACE ggml_archives)
