# Build settings and the functions that the folders use: sluice_add_plugin, sluice_add_unit_test,
# sluice_add_python_tests, sluice_add_fuzzer.

set(SLUICE_SANITIZE "" CACHE STRING "Sanitizers for everything, such as address,undefined")
option(SLUICE_WERROR "Warnings are errors" OFF)
option(SLUICE_FUZZ "Build fuzz targets with libFuzzer (needs clang)" OFF)
option(SLUICE_FULL_CHECKS "Validate everything that passes between plugins in full" OFF)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(SLUICE_PLUGIN_DIR lib/sluice/plugins)

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

add_library(sluice_build INTERFACE)
target_compile_definitions(sluice_build INTERFACE _GNU_SOURCE $<$<BOOL:${SLUICE_FULL_CHECKS}>:SLUICE_FULL_CHECKS=1>)
target_compile_options(sluice_build INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
  $<$<BOOL:${SLUICE_WERROR}>:-Werror>)
target_link_options(sluice_build INTERFACE -Wl,-z,relro,-z,now)
if(SLUICE_SANITIZE)
  target_compile_options(sluice_build INTERFACE -fsanitize=${SLUICE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(sluice_build INTERFACE -fsanitize=${SLUICE_SANITIZE})
endif()
if(SLUICE_FUZZ)
  target_compile_options(sluice_build INTERFACE -fsanitize=fuzzer-no-link)
endif()

# Adds every folder below `parent` that has a CMakeLists.txt: a new plugin or test area needs no edit elsewhere.
function(sluice_add_subdirectories parent)
  file(GLOB lists RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} CONFIGURE_DEPENDS ${parent}/*/CMakeLists.txt)
  foreach(list ${lists})
    get_filename_component(folder ${list} DIRECTORY)
    add_subdirectory(${folder})
  endforeach()
endfunction()

# sluice_add_plugin(KIND-NAME SOURCES file... [LIBRARIES target...])
# Makes the plugin, and a static library KIND-NAME-objects of the same sources for unit tests and fuzz targets.
function(sluice_add_plugin name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_library(${name}-objects STATIC ${arg_SOURCES})
  target_link_libraries(${name}-objects PUBLIC sluice-sdk sluice-arrow ${arg_LIBRARIES} PRIVATE sluice_build)
  target_include_directories(${name}-objects PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
  add_library(${name} MODULE $<TARGET_OBJECTS:${name}-objects>) # compiled once for both
  target_link_libraries(${name} PRIVATE sluice-sdk sluice-arrow ${arg_LIBRARIES} sluice_build)
  target_link_options(${name} PRIVATE -Wl,--version-script=${CMAKE_SOURCE_DIR}/sdk/sluice-plugin.map)
  set_target_properties(${name} PROPERTIES PREFIX "" LINK_DEPENDS ${CMAKE_SOURCE_DIR}/sdk/sluice-plugin.map
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/${SLUICE_PLUGIN_DIR})
  install(TARGETS ${name} LIBRARY DESTINATION ${SLUICE_PLUGIN_DIR})
  set_property(GLOBAL APPEND PROPERTY SLUICE_PLUGINS ${name})
endfunction()

# Of the places of `ctest -j` (PROCESSORS) a test takes three, and one where it mostly waits: those that wait run beside the few
# that compute. What takes longest begins first (COST, seconds), also where ctest has not measured it yet.
if(CMAKE_CROSSCOMPILING) # tests run in an emulator, and none of those that wait
  set(SLUICE_UNIT_TIMEOUT 900)
  set(SLUICE_UNIT_PLACES 1)
else()
  set(SLUICE_UNIT_TIMEOUT 120)
  set(SLUICE_UNIT_PLACES 3)
endif()

# sluice_add_unit_test(name SOURCES file... [LIBRARIES target...]): a cmocka program, ctest label `unit`.
function(sluice_add_unit_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(test-${name} ${arg_SOURCES})
  target_link_libraries(test-${name} PRIVATE ${arg_LIBRARIES} cmocka sluice_build)
  add_test(NAME unit-${name} COMMAND test-${name})
  set_tests_properties(unit-${name} PROPERTIES LABELS unit PROCESSORS ${SLUICE_UNIT_PLACES} TIMEOUT ${SLUICE_UNIT_TIMEOUT})
endfunction()

# sluice_add_python_tests(PREFIX TOPICS topics [FOLDER folder/] TIMEOUT seconds ENVIRONMENT "A=b;C=d"): integration tests PREFIX-topic of
# test_topic.py each, in this folder or the one below it.
function(sluice_add_python_tests prefix)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "FOLDER;TIMEOUT;ENVIRONMENT" "TOPICS") # which keeps the semicolons of ENVIRONMENT
  find_package(Python3 COMPONENTS Interpreter)
  foreach(topic ${ARG_TOPICS})
    if(Python3_FOUND)
      add_test(NAME ${prefix}-${topic} COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/${ARG_FOLDER}test_${topic}.py)
      set_tests_properties(${prefix}-${topic} PROPERTIES LABELS integration PROCESSORS 3 TIMEOUT ${ARG_TIMEOUT} ENVIRONMENT "${ARG_ENVIRONMENT}")
    else()
      add_test(NAME ${prefix}-${topic} COMMAND ${CMAKE_COMMAND} -E echo "skipped: python3 is not installed")
    endif()
  endforeach()
endfunction()

# sluice_add_fuzzer(name SOURCES file... [LIBRARIES target...] [PLANTED file]): libFuzzer target fuzz-NAME where SLUICE_FUZZ is
# on, and planted-NAME with a bug for it to find: in its own sources, or in the file PLANTED of a library, which is then linked
# in place of the library's. Elsewhere a program that runs its corpus (./corpus of the folder) once, as a ctest with label `fuzz`.
function(sluice_add_fuzzer name)
  cmake_parse_arguments(arg "" "PLANTED" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(fuzz-${name} ${arg_SOURCES})
  if(SLUICE_FUZZ)
    list(APPEND arg_SOURCES ${arg_PLANTED})
    list(REMOVE_DUPLICATES arg_SOURCES)
    add_executable(planted-${name} ${arg_SOURCES})
    target_compile_definitions(planted-${name} PRIVATE SLUICE_PLANTED_BUGS=1)
    foreach(target fuzz-${name} planted-${name})
      target_link_libraries(${target} PRIVATE ${arg_LIBRARIES} sluice_build)
      target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    endforeach()
  else()
    target_link_libraries(fuzz-${name} PRIVATE ${arg_LIBRARIES} sluice_build)
    target_sources(fuzz-${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests/fuzz/driver.c)
  endif()
  add_test(NAME fuzz-${name} COMMAND_EXPAND_LISTS COMMAND fuzz-${name} $<$<BOOL:${SLUICE_FUZZ}>:-runs=0> ${CMAKE_CURRENT_SOURCE_DIR}/corpus)
  set_tests_properties(fuzz-${name} PROPERTIES LABELS fuzz PROCESSORS 3 TIMEOUT 120)
endfunction()
