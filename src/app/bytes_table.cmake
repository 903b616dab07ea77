# Turns a file into a constant array: cmake -DINPUT=FILE -DOUTPUT=FILE -DNAME=symbol -P bytes_table.cmake
file(READ "${INPUT}" hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
file(WRITE "${OUTPUT}" "namespace hearth::app {\n\nextern const unsigned char ${NAME}[] = {${bytes}};\nextern const unsigned long ${NAME}_size = sizeof ${NAME};\n\n}  // namespace hearth::app\n")
