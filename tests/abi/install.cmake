# Installs the build to a fresh prefix, builds the example sink against that prefix alone, and loads it.
# -DBUILD=folder -DEXAMPLE=folder -DWORK=folder -DLOADER=program -DCOMPILER=cc -DGENERATOR=Ninja
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(result)
    message(FATAL_ERROR "failed: ${ARGN}\n${output}")
  endif()
endfunction()

file(REMOVE_RECURSE ${WORK})
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix)
foreach(header plugin sdk services)
  if(NOT EXISTS ${WORK}/prefix/include/sluice/${header}.h)
    message(FATAL_ERROR "include/sluice/${header}.h was not installed")
  endif()
endforeach()
file(RENAME ${WORK}/prefix ${WORK}/moved) # the package must not remember where it was installed first
file(COPY ${EXAMPLE}/ DESTINATION ${WORK}/source)
run(${CMAKE_COMMAND} -S ${WORK}/source -B ${WORK}/build -G ${GENERATOR} -DCMAKE_PREFIX_PATH=${WORK}/moved -DCMAKE_C_COMPILER=${COMPILER}
  -DCMAKE_C_FLAGS=-Wall\ -Wextra\ -Wpedantic\ -Werror)
run(${CMAKE_COMMAND} --build ${WORK}/build)
run(${CMAKE_COMMAND} --install ${WORK}/build --prefix ${WORK}/moved)
run(${LOADER} ${WORK}/moved/lib/sluice/plugins count ${WORK}/counts.txt)
file(READ ${WORK}/counts.txt counts)
if(NOT counts STREQUAL "3 3 unit-5-7\n7 4 unit-8-11\n")
  message(FATAL_ERROR "the sink wrote: ${counts}")
endif()
