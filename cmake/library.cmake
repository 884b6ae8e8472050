# The targets: curlback::shared, curlback::static, and curlback::curlback, which is one of them.

set(stage "${PROJECT_BINARY_DIR}/curlback")
set(shared_name "${CMAKE_SHARED_LIBRARY_PREFIX}curlback${CMAKE_SHARED_LIBRARY_SUFFIX}")
set(soname "${shared_name}.${PROJECT_VERSION_MAJOR}")
set(static_name "${CMAKE_STATIC_LIBRARY_PREFIX}curlback${CMAKE_STATIC_LIBRARY_SUFFIX}")

set(products "")
if(CURLBACK_SHARED)
  list(APPEND products "${stage}/${shared_name}.${PROJECT_VERSION}" "${stage}/${soname}" "${stage}/${shared_name}")
endif()
if(CURLBACK_STATIC)
  list(APPEND products "${stage}/${static_name}" "${stage}/curlbackStatic.cmake" "${stage}/static-libs")
endif()
set(pc_template "")
if(CURLBACK_INSTALL)
  set(pc_template "${PROJECT_BINARY_DIR}/curlback.pc.in")
  list(APPEND products "${stage}/curlback.pc")
endif()

# Cargo knows best what has to be built again: it is asked at every build.
add_custom_target(
  curlback_build ALL
  COMMAND
    "${CMAKE_COMMAND}" "-DCARGO=${CURLBACK_CARGO}" "-DRUSTC=${CURLBACK_RUSTC}" "-DSOURCE=${PROJECT_SOURCE_DIR}"
    "-DTARGET=${CURLBACK_CARGO_TARGET_DIR}" "-DWAY=${CURLBACK_LIBCURL}" "-DCONFIG=$<CONFIG>"
    "-DSHARED=${CURLBACK_SHARED}" "-DSTATIC=${CURLBACK_STATIC}" "-DSTAGE=${stage}" "-DSHARED_NAME=${shared_name}"
    "-DSTATIC_NAME=${static_name}" "-DVERSION=${PROJECT_VERSION}" "-DSONAME=${soname}"
    "-DPC=${pc_template}" -P
    "${PROJECT_SOURCE_DIR}/cmake/build.cmake"
  BYPRODUCTS ${products}
  WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
  COMMENT "Building curlback with Cargo"
  USES_TERMINAL VERBATIM)

function(curlback_target name type location)
  add_library(${name} ${type} IMPORTED GLOBAL)
  add_dependencies(${name} curlback_build)
  set_target_properties(${name} PROPERTIES IMPORTED_LOCATION "${location}" INTERFACE_INCLUDE_DIRECTORIES
                                                                           "${PROJECT_SOURCE_DIR}/include")
endfunction()

if(CURLBACK_SHARED)
  curlback_target(curlback::shared SHARED "${stage}/${shared_name}.${PROJECT_VERSION}")
  set_target_properties(curlback::shared PROPERTIES IMPORTED_SONAME "${soname}")
endif()
if(CURLBACK_STATIC)
  curlback_target(curlback::static STATIC "${stage}/${static_name}")
  # Only Cargo's build tells what has to be linked with it; the linker reads it from the file that is written then.
  set_property(TARGET curlback::static PROPERTY INTERFACE_LINK_LIBRARIES "-Wl,@${stage}/static-libs")
  if(libcurl_dir)
    set_property(TARGET curlback::static PROPERTY INTERFACE_LINK_DIRECTORIES "${libcurl_dir}")
  endif()
endif()

add_library(curlback::curlback INTERFACE IMPORTED GLOBAL)
if(CURLBACK_SHARED AND (NOT CURLBACK_STATIC OR NOT DEFINED BUILD_SHARED_LIBS OR BUILD_SHARED_LIBS))
  target_link_libraries(curlback::curlback INTERFACE curlback::shared)
else()
  target_link_libraries(curlback::curlback INTERFACE curlback::static)
endif()
