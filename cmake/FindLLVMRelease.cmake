# Finds one LLVM release and the clang of the same release, which makes the bitcode it reads:
#   cnnc_llvm      an interface library: include directory, libraries
#   CNNC_CLANG     clang of that release
#   CNNC_OPT       its passes as a program
# Only codegen links cnnc_llvm.

set(CNNC_LLVM 22 CACHE STRING "LLVM release: 22, or 19")

find_program(CNNC_LLVM_CONFIG NAMES llvm-config-${CNNC_LLVM} REQUIRED)
find_program(CNNC_CLANG NAMES clang-${CNNC_LLVM} REQUIRED)
find_program(CNNC_OPT NAMES opt-${CNNC_LLVM} REQUIRED)

function(llvm_config_value variable)
    execute_process(COMMAND ${CNNC_LLVM_CONFIG} ${ARGN} OUTPUT_VARIABLE value
                    OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
    set(${variable} "${value}" PARENT_SCOPE)
endfunction()

llvm_config_value(CNNC_LLVM_VERSION --version)
llvm_config_value(llvm_include --includedir)
llvm_config_value(llvm_libraries --link-static --libfiles passes x86codegen x86asmparser orcjit
                  bitwriter linker)
llvm_config_value(system_libraries --link-static --system-libs)
separate_arguments(llvm_libraries UNIX_COMMAND "${llvm_libraries}")
separate_arguments(system_libraries UNIX_COMMAND "${system_libraries}")
message(STATUS "LLVM ${CNNC_LLVM_VERSION}: ${CNNC_LLVM_CONFIG}, ${CNNC_CLANG}")

# Its static libraries, and of them what is used: to load and to relocate the shared one takes longer than `cnnc --check`
# of a large network. The same goes for libstdc++.
add_library(cnnc_llvm INTERFACE)
target_include_directories(cnnc_llvm SYSTEM INTERFACE ${llvm_include})
target_link_libraries(cnnc_llvm INTERFACE ${llvm_libraries} ${system_libraries} -l:libstdc++.a)
target_link_options(cnnc_llvm INTERFACE LINKER:--gc-sections LINKER:--as-needed)
