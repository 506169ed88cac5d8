# `cpack -G DEB` (./dev package): a Debian package of what Install.cmake installs.
set(CPACK_PACKAGE_NAME cnnc)
set(CPACK_PACKAGE_VENDOR "the cnnc authors")
set(CPACK_PACKAGE_CONTACT "the cnnc authors <cnnc@cnnc.invalid>") # cpack -D knows better
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "compiler for convolutional networks")
set(CPACK_PACKAGE_DESCRIPTION
"cnnc compiles a description of a convolutional network to a native program, or
to an object file with one C function, specialised to exactly that network and
that processor. It reports sizes, receptive fields and costs of every layer.
.
Making programs needs a C compiler; making objects does not.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "gcc, libc6-dev")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "python3-numpy")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/Debianise.cmake)
set(CPACK_CNNC_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_CNNC_LLVM ${CNNC_LLVM})
include(CPack)
