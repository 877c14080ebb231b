"""Statistics of a list of numbers in one line, so that two ways to compute them can be compared.

    sizes.py values < {"values": [...]}     by Python's statistics module
    sizes.py answer < {"count": ..., ...}   as the function answered
"""

import json
import statistics
import sys


def by_python(values):
    return {
        "count": len(values),
        "sum": sum(values),
        "mean": statistics.fmean(values),
        "median": statistics.median(values),
        "min": min(values),
        "max": max(values),
        "stddev": statistics.pstdev(values),
    }


def line(numbers):
    return (
        "{count} files, {sum:.0f} bytes, {min:.0f} to {max:.0f}, mean {mean:.3f}, "
        "median {median:.1f}, deviation {stddev:.3f}".format(**numbers)
    )


content = json.load(sys.stdin)
print(line(by_python(content["values"]) if sys.argv[1] == "values" else content))
