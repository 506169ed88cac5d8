#!/usr/bin/env python3
"""The program around a network: libcnnc-program.a linked with networks written by hand.
program_sanitized_test.py does the same with sanitizers. The tests are in program/*_cases.py.

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
from program.progress_cases import Progress
from program.record_cases import Records
from program.resize_cases import Resizing
from program.round_cases import Rounds
from program.step_cases import Steps

if __name__ == "__main__":
    unittest.main()
