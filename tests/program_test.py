#!/usr/bin/env python3
"""The program around a network: libcnnc-program.a linked with networks written by hand, ordinarily and
with sanitizers. The tests are in program/*_cases.py.

usage: program_test.py [BUILD_FOLDER [TEST...]]
"""

import os
import sys
import unittest

if len(sys.argv) > 1:
    os.environ["CNNC_BUILD"] = sys.argv.pop(1)

from program.array_cases import Arrays
from program.command_cases import Allocations, CommandLine, Library
from program.output_cases import Files, Printed
from program.picture_cases import Pictures
from program.programs import Sanitized
from program.resize_cases import Resizing


class SanitizedPictures(Sanitized, Pictures):
    pass


class SanitizedArrays(Sanitized, Arrays):
    pass


class SanitizedPrinted(Sanitized, Printed):
    pass


class SanitizedFiles(Sanitized, Files):
    pass


class SanitizedResizing(Sanitized, Resizing):
    pass


class SanitizedCommandLine(Sanitized, CommandLine):
    pass


if __name__ == "__main__":
    unittest.main()
