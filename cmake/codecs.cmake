# What speech is encoded with. All from Debian's archives, linked statically: no library to find or relocate at start.

hearth_static_library(ogg libogg.a ogg/ogg.h)
hearth_static_library(flac libFLAC.a FLAC/stream_encoder.h)
target_link_libraries(flac INTERFACE ogg m)
target_compile_definitions(flac INTERFACE FLAC__NO_DLL)
hearth_static_library(opus libopus.a opus/opus.h)
target_link_libraries(opus INTERFACE m)
hearth_static_library(mp3lame libmp3lame.a lame/lame.h)
target_link_libraries(mp3lame INTERFACE m)

# Decodes what we encoded, in unit tests only: no program that is shipped links it.
find_library(HEARTH_SNDFILE NAMES sndfile REQUIRED)
