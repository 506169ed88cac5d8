#!/usr/bin/env python3
"""A part of the ONNX backend tests, which `./dev conformance` runs all of: these pass. And docs/conformance.md says what
the last run of all found."""

import concurrent.futures

import tools
from conformance import cases, table

PASSING = """
    relu leakyrelu prelu_broadcast elu selu celu sigmoid tanh softplus softsign hardsigmoid hardswish thresholdedrelu
    clip abs neg exp log sqrt add add_bcast sub mul div pow_bcast_scalar max_two_inputs min_two_inputs mean_two_inputs
    sum_example basic_conv_with_padding basic_conv_without_padding conv_with_autopad_same
    conv_with_strides_and_asymmetric_padding convtranspose convtranspose_pads convtranspose_dilations gemm_default_vector_bias
    gemm_transposeB matmul_2d maxpool_2d_default maxpool_2d_ceil maxpool_2d_dilations maxpool_2d_same_lower
    averagepool_2d_default averagepool_2d_pads averagepool_2d_pads_count_include_pad globalaveragepool globalmaxpool
    batchnorm_epsilon softmax_axis_1 logsoftmax_axis_1 concat_3d_axis_1 flatten_axis1 reshape_negative_dim transpose_all_permutations_0
    dropout_default slice split_equal_parts_2d squeeze unsqueeze_axis_0 identity
    constant_pad edge_pad reflect_pad depthtospace_example tile expand_dim_changed reduce_mean_keepdims_random
    reduce_l2_keep_dims_random reduce_log_sum_exp_do_not_keepdims_random slice_neg_steps
""".split()

DOCUMENT = tools.ROOT / "docs" / "conformance.md"


def check_part(counter):
    if not cases.DATA.is_dir():
        counter.skip("backend tests", "libonnx-testdata is not installed")
        return
    found = [cases.Case(cases.DATA / "node" / f"test_{name}") for name in PASSING]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for result in pool.map(cases.run_case, found):
            counter.check(result.outcome in ("pass", "constants"), result.case, f"{result.outcome}: {result.detail}")


def check_document(counter):
    results = table.load()
    counter.check(DOCUMENT.read_text() == table.document(results), "docs/conformance.md is what the last run found",
                  "./dev conformance writes it anew")
    names = [result.case for result in results]
    counter.check(len(set(names)) == len(names) > 1000, "the last run was of all cases", len(names))
    counter.check({result.outcome for result in results} <= set(cases.OUTCOMES), "each has a known outcome")


def check_comparison(counter):
    """Floats may be a little away, other types not at all."""
    def tensor(kind, *values):
        return cases.onnx.tensor("y", [len(values)], values, kind)

    def wrong(got, tensor):
        try:
            cases.check_output(got, tensor)
            return False
        except cases.Wrong:
            return True

    nan, inf = float("nan"), float("inf")
    counter.check(abs(cases.check_output([4.0, 2.001], tensor("FLOAT", 4, 2)) - 0.00025) < 1e-9, "the error is a part of 4")
    for got, wanted, kind, right in ((2.0021, 2, "FLOAT", False), (0, 1e-7, "FLOAT", True), (0, 1e-6, "FLOAT", False),
                                     (nan, nan, "FLOAT", True), (nan, 1, "FLOAT", False), (1, nan, "FLOAT", False),
                                     (inf, inf, "FLOAT", True), (-inf, inf, "FLOAT", False), (3e38, inf, "FLOAT", False),
                                     (7, 7, "INT64", True), (7.0001, 7, "INT64", False), (1.0, True, "BOOL", True)):
        counter.check(wrong([got], tensor(kind, wanted)) != right, f"{got} for {wanted} of {kind}")


def main():
    counter = tools.Counter()
    check_comparison(counter)
    check_part(counter)
    check_document(counter)
    counter.finish()


if __name__ == "__main__":
    main()
