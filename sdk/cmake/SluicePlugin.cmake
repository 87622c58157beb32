# sluice_add_plugin(KIND-NAME SOURCES file... [LIBRARIES target...]), for plugins outside of Sluice's own tree.
# Makes KIND-NAME.so, which exports sluice_plugin_v1 and nothing else, and installs it to lib/sluice/plugins.
function(sluice_add_plugin name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBRARIES" ${ARGN})
  if(NOT name MATCHES "^(source|format|transform|sink)-[a-z0-9_-]+$")
    message(FATAL_ERROR "sluice_add_plugin: \"${name}\" is not KIND-NAME, such as sink-count")
  endif()
  add_library(${name} MODULE ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE Sluice::sdk ${arg_LIBRARIES})
  target_link_options(${name} PRIVATE -Wl,--version-script=${SLUICE_SDK_DIR}/sluice-plugin.map -Wl,-z,relro,-z,now)
  set_target_properties(${name} PROPERTIES PREFIX "" C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON LINK_DEPENDS ${SLUICE_SDK_DIR}/sluice-plugin.map)
  install(TARGETS ${name} LIBRARY DESTINATION lib/sluice/plugins)
endfunction()
