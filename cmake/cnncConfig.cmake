# find_package(cnnc): cnnc::cnnc, the compiler; cnnc::runtime, the primitives to call without it; and
# cnnc_add_network.
if(CMAKE_VERSION VERSION_LESS 3.20)
    set(cnnc_FOUND FALSE)
    set(cnnc_NOT_FOUND_MESSAGE "cnnc needs CMake 3.20, for dependency files of custom commands")
    return()
endif()
cmake_policy(VERSION 3.20...3.31)
include(${CMAKE_CURRENT_LIST_DIR}/cnncTargets.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/cnncAddNetwork.cmake)
