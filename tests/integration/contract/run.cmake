# A job whose source gives records without a format, and whose transform drops records, adds a column and rejects one.
file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})
file(WRITE ${WORK}/job.conf "
ledger = \"${WORK}/ledger\";
jobs = { numbers = { source = { type = \"numbers\"; parts = 3; rows = 1000; log = \"${WORK}/settled\"; };
  mapping = ( { from = \"n\"; to = \"value.n\"; }, { from = \"n\"; to = \"n\"; } );
  transforms = ( { type = \"even\"; reject = 10; } ); workers = 1; batch_rows = 100;
  sink = { type = \"file\"; path = \"${WORK}/out.ndjson\"; }; }; };
")

function(run expect_status)
  execute_process(COMMAND ${SLUICE} --plugin-dir ${PLUGINS} run ${WORK}/job.conf RESULT_VARIABLE status ERROR_VARIABLE log)
  if(NOT status EQUAL expect_status)
    message(FATAL_ERROR "status ${status}, not ${expect_status}:\n${log}")
  endif()
endfunction()

run(3)
file(STRINGS ${WORK}/out.ndjson lines)
list(LENGTH lines count)
# 3 parts of 1,000: the even ones, less the one that is rejected in each part
if(NOT count EQUAL 1497)
  message(FATAL_ERROR "${count} records, not 1497")
endif()
list(GET lines 1 second)
if(NOT second STREQUAL "{\"value\":{\"n\":2},\"n\":2,\"half\":1}")
  message(FATAL_ERROR "second record: ${second}")
endif()
file(STRINGS ${WORK}/ledger/numbers.rejects.ndjson rejects)
list(LENGTH rejects count)
list(GET rejects 0 reject)
if(NOT count EQUAL 3 OR NOT reject MATCHES "\"row\":10,.*\"stage\":\"transform\",\"reason\":\"ten is not wanted\".*n.*:10")
  message(FATAL_ERROR "${count} rejects: ${reject}")
endif()
file(STRINGS ${WORK}/settled settled)
if(NOT settled STREQUAL "numbers:0 0;numbers:1 0;numbers:2 0")
  message(FATAL_ERROR "settled: ${settled}")
endif()

run(0) # nothing is new
file(STRINGS ${WORK}/out.ndjson lines)
list(LENGTH lines count)
if(NOT count EQUAL 1497)
  message(FATAL_ERROR "${count} records after the second run, not 1497")
endif()
