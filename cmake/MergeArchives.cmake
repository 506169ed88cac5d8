# merge_archives(TARGET OUTPUT ARCHIVE...): one archive OUTPUT with the members of all, made by the
# custom target TARGET. So that a program needs nothing but libc beside it.
function(merge_archives target output)
    set(script ${CMAKE_CURRENT_BINARY_DIR}/${target}.mri)
    set(lines "create ${output}\n")
    foreach(archive ${ARGN})
        string(APPEND lines "addlib ${archive}\n")
    endforeach()
    file(GENERATE OUTPUT ${script} CONTENT "${lines}save\nend\n")
    add_custom_command(OUTPUT ${output}
                       COMMAND ${CMAKE_COMMAND} -E rm -f ${output}
                       COMMAND ${CMAKE_AR} -M < ${script}
                       DEPENDS ${ARGN} ${script} VERBATIM)
    add_custom_target(${target} ALL DEPENDS ${output})
endfunction()
