# What is installed. Everything finds its neighbours from where it is itself, so the prefix can be moved.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/curlback")

install(FILES include/curlback.h include/curlback.hpp DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT development)
install(DIRECTORY include/curlback DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT development)
if(CURLBACK_SHARED)
  install(FILES "${stage}/${shared_name}.${PROJECT_VERSION}" "${stage}/${soname}" DESTINATION "${CMAKE_INSTALL_LIBDIR}"
          COMPONENT runtime)
  install(FILES "${stage}/${shared_name}" DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT development)
endif()
if(CURLBACK_STATIC)
  install(FILES "${stage}/${static_name}" DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT development)
  install(FILES "${stage}/curlbackStatic.cmake" DESTINATION "${package_dir}" COMPONENT development)
endif()

# pkg-config. What the static library needs is filled in by the build.
file(RELATIVE_PATH pc_to_prefix "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
string(REGEX REPLACE "/$" "" pc_to_prefix "${pc_to_prefix}")
set(LIBS_PRIVATE "@LIBS_PRIVATE@")
if(libcurl_dir AND NOT libcurl_dir IN_LIST CMAKE_C_IMPLICIT_LINK_DIRECTORIES)
  set(LIBS_PRIVATE "-L${libcurl_dir} @LIBS_PRIVATE@")
endif()
if(CURLBACK_SHARED)
  set(pc_private "Libs.private: ${LIBS_PRIVATE}")
  set(pc_public "")
else()
  set(pc_private "")
  set(pc_public " ${LIBS_PRIVATE}")
endif()
configure_file(cmake/curlback.pc.in "${pc_template}" @ONLY)
install(FILES "${stage}/curlback.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT development)

# CMake.
configure_package_config_file(
  cmake/curlbackConfig.cmake.in curlbackConfig.cmake
  INSTALL_DESTINATION "${package_dir}"
  PATH_VARS CMAKE_INSTALL_INCLUDEDIR CMAKE_INSTALL_LIBDIR
  NO_SET_AND_CHECK_MACRO)
if(PROJECT_VERSION_MAJOR EQUAL 0)
  set(compatible SameMinorVersion)
else()
  set(compatible SameMajorVersion)
endif()
write_basic_package_version_file("${PROJECT_BINARY_DIR}/basic.cmake" COMPATIBILITY ${compatible})
file(READ "${PROJECT_BINARY_DIR}/basic.cmake" basic_version)
configure_file(cmake/curlbackConfigVersion.cmake.in curlbackConfigVersion.cmake @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/curlbackConfig.cmake" "${PROJECT_BINARY_DIR}/curlbackConfigVersion.cmake"
        DESTINATION "${package_dir}" COMPONENT development)
