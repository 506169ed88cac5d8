# Run by cpack on what is about to be packed: puts it where Debian wants it, compressed as Debian
# wants it, with copyright and changelog.
set(prefix ${CPACK_TEMPORARY_DIRECTORY}${CPACK_PACKAGING_INSTALL_PREFIX})
set(documents ${prefix}/share/doc/${CPACK_PACKAGE_NAME})

function(compress)
    execute_process(COMMAND gzip -9 -n -f ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(MAKE_DIRECTORY ${prefix}/share/zsh/vendor-completions)
file(RENAME ${prefix}/share/zsh/site-functions/_cnnc ${prefix}/share/zsh/vendor-completions/_cnnc)
file(REMOVE_RECURSE ${prefix}/share/zsh/site-functions)
file(RENAME ${documents}/CHANGELOG.md ${documents}/changelog)
file(REMOVE ${documents}/LICENSE)

file(READ ${CPACK_CNNC_LICENSE} license)
string(REGEX MATCH "Copyright[^\n]*" copyright "${license}")
string(REGEX REPLACE "^MIT License\n\n[^\n]*\n\n" "" license "${license}")
string(REGEX REPLACE "(^|\n)(\n)" "\\1 .\\2" license "${license}")
string(REGEX REPLACE "\n([^ \n])" "\n \\1" license " ${license}")
file(WRITE ${documents}/copyright
"Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: cnnc

Files: *
Copyright: ${copyright}
License: Expat
${license}Comment: lib/cnnc/libcnnc-program.a also holds libpng, zlib and libjpeg-turbo, whose terms are
 in the files *.copyright beside this one. This software is based in part on the work of the
 Independent JPEG Group. bin/cnnc holds LLVM, whose terms are there too, and libstdc++, by the GCC
 Runtime Library Exception.
")
foreach(library libpng-dev zlib1g-dev libjpeg62-turbo-dev llvm-${CPACK_CNNC_LLVM}-dev)
    configure_file(/usr/share/doc/${library}/copyright ${documents}/${library}.copyright COPYONLY)
endforeach()

string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(WRITE ${documents}/changelog.Debian
"cnnc (${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) unstable; urgency=medium

  * See changelog.gz.

 -- ${CPACK_PACKAGE_CONTACT}  ${date}
")
compress(${documents}/changelog.Debian ${documents}/changelog ${prefix}/share/man/man1/cnnc.1
         ${prefix}/share/man/man5/cnn.5)
file(CHMOD ${documents}/copyright ${documents}/changelog.Debian.gz
     PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
