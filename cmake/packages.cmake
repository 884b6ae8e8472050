# Archives and Debian packages: `cpack -G TGZ` and `cpack -G DEB` in the build directory. Debian's own places for
# libraries are used when it was configured with -DCMAKE_INSTALL_PREFIX=/usr.

set(CPACK_PACKAGE_NAME curlback)
set(CPACK_PACKAGE_VENDOR curlback)
set(CPACK_PACKAGE_CONTACT "the curlback authors <curlback@localhost>" CACHE STRING "Who maintains the packages")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_RESOURCE_FILE_LICENSE "${PROJECT_SOURCE_DIR}/LICENSE-MIT")
set(CPACK_GENERATOR TGZ)
set(CPACK_VERBATIM_VARIABLES ON)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_COMPONENTS_ALL development)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libcurlback-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION "${PROJECT_DESCRIPTION}: headers and the static library")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_RECOMMENDS "${debian_development}")
if(CURLBACK_SHARED)
  set(runtime_package "libcurlback${PROJECT_VERSION_MAJOR}")
  list(PREPEND CPACK_COMPONENTS_ALL runtime)
  set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME "${runtime_package}")
  set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION libs)
  set(CPACK_DEBIAN_RUNTIME_PACKAGE_SHLIBDEPS ON)
  # Other packages that link the library find here what to depend on.
  set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
  set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY ">=")
  set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "${runtime_package} (= ${PROJECT_VERSION})")
  install(FILES cmake/copyright DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/${runtime_package}" COMPONENT runtime)
endif()
install(FILES cmake/copyright DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/libcurlback-dev" COMPONENT development)

include(CPack)
