# cnnc_add_network(TARGET FILE.cnn [NAME name] [NETWORK name] [WEIGHTS file|random:seed] [CPU name]
#                  [DEFINE name=value...] [OPTIONS word...])
#
# The library TARGET of a compiled network. Who links it can include NAME.h and call NAME_run; NAME
# is the target's name if it is not given. Paths are relative to this folder. What was read is
# known from the compiler: a change of the network file, of what it imports, of its weights and
# labels, or of cnnc makes it anew.
function(cnnc_add_network target file)
    cmake_parse_arguments(PARSE_ARGV 2 arg "" "NAME;NETWORK;WEIGHTS;CPU" "DEFINE;OPTIONS")
    if(arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "cnnc_add_network(${target}): unknown: ${arg_UNPARSED_ARGUMENTS}")
    elseif(arg_KEYWORDS_MISSING_VALUES)
        message(FATAL_ERROR
                "cnnc_add_network(${target}): without a value: ${arg_KEYWORDS_MISSING_VALUES}")
    endif()
    cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} NORMALIZE)
    if(NOT arg_NAME)
        string(MAKE_C_IDENTIFIER ${target} arg_NAME)
    endif()
    set(words)
    if(arg_NETWORK)
        list(APPEND words --network=${arg_NETWORK})
    endif()
    if(arg_CPU)
        list(APPEND words --cpu=${arg_CPU})
    endif()
    if(arg_WEIGHTS)
        if(NOT arg_WEIGHTS MATCHES "^random:")
            cmake_path(ABSOLUTE_PATH arg_WEIGHTS BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}
                       NORMALIZE)
        endif()
        list(APPEND words --weights=${arg_WEIGHTS})
    endif()
    foreach(definition IN LISTS arg_DEFINE)
        list(APPEND words -D${definition})
    endforeach()

    set(folder ${CMAKE_CURRENT_BINARY_DIR}/cnnc/${target})
    set(made ${folder}/${arg_NAME})
    file(MAKE_DIRECTORY ${folder})
    add_custom_command(
        OUTPUT ${made}.o ${made}.h
        COMMAND cnnc::cnnc -c ${file} -o ${made}.o --name=${arg_NAME} -MF ${made}.d ${words}
                ${arg_OPTIONS}
        DEPENDS ${file} $<TARGET_FILE:cnnc::cnnc>
        DEPFILE ${made}.d
        COMMENT "Compiling network ${target}" VERBATIM)

    add_library(${target} STATIC ${made}.o ${made}.h)
    get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
    set(language C)
    if(NOT C IN_LIST languages)
        set(language CXX)
    endif()
    set_target_properties(${target} PROPERTIES LINKER_LANGUAGE ${language})
    target_include_directories(${target} SYSTEM INTERFACE ${folder})
    target_link_libraries(${target} INTERFACE m)
endfunction()
