#!/usr/bin/env python3
"""The tests of program_test.py that feed the library odd input, with AddressSanitizer and UBSan.

usage: program_sanitized_test.py [BUILD_FOLDER [TEST...]]
"""

import os
import sys
import unittest

if len(sys.argv) > 1:
    os.environ["CNNC_BUILD"] = sys.argv.pop(1)

from program import (array_cases, command_cases, output_cases, picture_cases, record_cases, resize_cases, round_cases,
                     step_cases)
from program.programs import Sanitized


class Arrays(Sanitized, array_cases.Arrays):
    pass


class CommandLine(Sanitized, command_cases.CommandLine):
    pass


class Files(Sanitized, output_cases.Files):
    pass


class Pictures(Sanitized, picture_cases.Pictures):
    pass


class Printed(Sanitized, output_cases.Printed):
    pass


class Records(Sanitized, record_cases.Records):
    pass


class Resizing(Sanitized, resize_cases.Resizing):
    pass


class Rounds(Sanitized, round_cases.Rounds):
    pass


class Steps(Sanitized, step_cases.Steps):
    pass


if __name__ == "__main__":
    unittest.main()
