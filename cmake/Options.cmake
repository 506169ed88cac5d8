# Language, warnings and sanitizers for every target, and `cnnc_library`.

option(CNNC_SANITIZE "Build with AddressSanitizer and UBSan" OFF)

if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
# Asserts state what passes guarantee each other; they stay in every build.
string(REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_RELEASE "${CMAKE_C_FLAGS_RELEASE}")

set(CNNC_WARNINGS -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Werror)
add_compile_options(${CNNC_WARNINGS})
# What an assert tells of its file is the same wherever the project lies.
add_compile_options(-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=)
include_directories(${PROJECT_SOURCE_DIR})

# What the compiler and its tests are built with. Code that ends in a user's program is not.
add_library(cnnc_options INTERFACE)
if(CNNC_SANITIZE)
    set(sanitizers -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_compile_options(cnnc_options INTERFACE ${sanitizers} -g)
    target_link_options(cnnc_options INTERFACE ${sanitizers})
endif()

# cnnc_library(NAME DEPENDENCY...): the folder's C files as the static library NAME.
function(cnnc_library name)
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.c)
    add_library(${name} STATIC ${sources})
    target_link_libraries(${name} PUBLIC ${ARGN} cnnc_options)
endfunction()
