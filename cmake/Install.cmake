# What `cmake --install` puts where, besides what folders install themselves:
#   bin/cnnc, lib/cnnc/libcnnc-program.a     driver/
#   libcnnc-runtime.a                        runtime/
# and here: headers, the CMake package, pkg-config's file, manual pages, completions, documents, the Python module.
include(CMakePackageConfigHelpers)

# The runtime's headers, which then lie in a folder cnnc/ of the include path.
foreach(header primitives descriptors steps info executor threads)
    set(from ${PROJECT_SOURCE_DIR}/runtime/${header}.h)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${from})
    file(READ ${from} text)
    string(REPLACE "#include \"runtime/" "#include \"cnnc/" text "${text}")
    file(CONFIGURE OUTPUT include/cnnc/${header}.h CONTENT "${text}" @ONLY)
    install(FILES ${PROJECT_BINARY_DIR}/include/cnnc/${header}.h
            DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/cnnc)
endforeach()

# find_package(cnnc)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/cnnc)
install(EXPORT cnncTargets NAMESPACE cnnc:: DESTINATION ${package})
write_basic_package_version_file(cnncConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES cmake/cnncConfig.cmake cmake/cnncAddNetwork.cmake
              ${PROJECT_BINARY_DIR}/cnncConfigVersion.cmake DESTINATION ${package})

# pkg-config: paths from the file's own place, so that a prefix can be moved.
set(pkgconfig ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH to_prefix /prefix/${pkgconfig} /prefix)
string(REGEX REPLACE "/$" "" to_prefix ${to_prefix})
configure_file(cmake/cnnc.pc.in cnnc.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/cnnc.pc DESTINATION ${pkgconfig})

# told_by_cnnc(FOLDER NAME WORD...): what `cnnc WORD...` prints, as FOLDER/NAME of the prefix.
function(told_by_cnnc folder name)
    set(file ${PROJECT_BINARY_DIR}/share/${name})
    add_custom_command(OUTPUT ${file} COMMAND cnnc ${ARGN} > ${file} DEPENDS cnnc VERBATIM)
    set_property(GLOBAL APPEND PROPERTY cnnc_told ${file})
    install(FILES ${file} DESTINATION ${folder})
endfunction()

file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/share)
told_by_cnnc(${CMAKE_INSTALL_MANDIR}/man1 cnnc.1 --man=cnnc)
told_by_cnnc(${CMAKE_INSTALL_MANDIR}/man5 cnn.5 --man=cnn)
told_by_cnnc(${CMAKE_INSTALL_DATADIR}/bash-completion/completions cnnc --completions=bash)
told_by_cnnc(${CMAKE_INSTALL_DATADIR}/zsh/site-functions _cnnc --completions=zsh)
told_by_cnnc(${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d cnnc.fish --completions=fish)
get_property(told GLOBAL PROPERTY cnnc_told)
add_custom_target(cnnc_share ALL DEPENDS ${told})

# cnnc.py finds bin/cnnc from its own place. In Python's own folder, the package would have to depend on Python.
install(FILES bindings/python/cnnc.py bindings/python/pytorch_weights.py DESTINATION ${CMAKE_INSTALL_DATADIR}/cnnc/python)

install(FILES README.md CHANGELOG.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs examples DESTINATION ${CMAKE_INSTALL_DOCDIR} USE_SOURCE_PERMISSIONS
        PATTERN __pycache__ EXCLUDE)
