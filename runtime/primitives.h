/* The primitives. This header is compiled once for each vector width: CNN_VECTOR floats (4, 8 or
 * 16).
 *
 * An epilogue turns each finished vector of a layer into what is stored: bias, batch norm,
 * activation, residual add, clip. acc holds `lanes` channels from c on of the output pixel n, h, w;
 * only a layer's last vector has fewer lanes than CNN_VECTOR. What acc's other lanes hold does not
 * matter. operands are the tensors and channel vectors the epilogue reads. */
#ifndef CNN_PRIMITIVES_H
#define CNN_PRIMITIVES_H

#include "runtime/descriptors.h"
#include "runtime/executor.h"
#include "runtime/steps.h"

#ifndef CNN_VECTOR
#define CNN_VECTOR 4
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef float cnn_vector __attribute__((vector_size(CNN_VECTOR * sizeof(float))));
typedef int32_t cnn_mask __attribute__((vector_size(CNN_VECTOR * sizeof(float))));

typedef cnn_vector cnn_epilogue(cnn_vector acc, const float *const *operands, int64_t n, int64_t h,
                                int64_t w, int64_t c, int64_t lanes);

void cnn_conv(const struct cnn_conv *d, float *y, const float *x, const float *w,
              cnn_epilogue *epilogue, const float *const *operands);
void cnn_conv_part(const struct cnn_conv *d, float *y, const float *x, const float *w,
                   cnn_epilogue *epilogue, const float *const *operands, int64_t first,
                   int64_t end);
/* scratch: cnn_winograd_floats(d, CNN_VECTOR) floats, whatever they hold; each part its own. */
void cnn_winograd(const struct cnn_winograd *d, float *y, const float *x, const float *w,
                  float *scratch, cnn_epilogue *epilogue, const float *const *operands);
void cnn_winograd_part(const struct cnn_winograd *d, float *y, const float *x, const float *w,
                       float *scratch, cnn_epilogue *epilogue, const float *const *operands,
                       int64_t first, int64_t end);
/* scratch: cnn_product_floats(d, CNN_VECTOR) floats, whatever they hold; each part its own. */
void cnn_product(const struct cnn_product *d, float *y, const float *x, const float *w,
                 float *scratch, cnn_epilogue *epilogue, const float *const *operands);
void cnn_product_part(const struct cnn_product *d, float *y, const float *x, const float *w,
                      float *scratch, cnn_epilogue *epilogue, const float *const *operands,
                      int64_t first, int64_t end);
void cnn_depthwise(const struct cnn_depthwise *d, float *y, const float *x, const float *w,
                   cnn_epilogue *epilogue, const float *const *operands);
void cnn_depthwise_part(const struct cnn_depthwise *d, float *y, const float *x, const float *w,
                        cnn_epilogue *epilogue, const float *const *operands, int64_t first,
                        int64_t end);
void cnn_pool(const struct cnn_pool *d, float *y, const float *x, cnn_epilogue *epilogue,
              const float *const *operands);
void cnn_pool_part(const struct cnn_pool *d, float *y, const float *x, cnn_epilogue *epilogue,
                   const float *const *operands, int64_t first, int64_t end);
void cnn_pool_indices(const struct cnn_pool *d, float *y, const float *x, cnn_epilogue *epilogue,
                      const float *const *operands);
void cnn_pool_indices_part(const struct cnn_pool *d, float *y, const float *x,
                           cnn_epilogue *epilogue, const float *const *operands, int64_t first,
                           int64_t end);
void cnn_unpool(const struct cnn_unpool *d, float *y, const float *x, const float *indices);
void cnn_reduce(const struct cnn_reduce *d, float *y, const float *x, cnn_epilogue *epilogue,
                const float *const *operands);
void cnn_reduce_part(const struct cnn_reduce *d, float *y, const float *x, cnn_epilogue *epilogue,
                     const float *const *operands, int64_t first, int64_t end);
void cnn_lrn(const struct cnn_lrn *d, float *y, const float *x, cnn_epilogue *epilogue,
             const float *const *operands);
void cnn_lrn_part(const struct cnn_lrn *d, float *y, const float *x, cnn_epilogue *epilogue,
                  const float *const *operands, int64_t first, int64_t end);
void cnn_norm(const struct cnn_norm *d, float *y, const float *x, cnn_epilogue *epilogue,
              const float *const *operands, float epsilon);
void cnn_norm_part(const struct cnn_norm *d, float *y, const float *x, cnn_epilogue *epilogue,
                   const float *const *operands, float epsilon, int64_t first, int64_t end);
void cnn_map(const struct cnn_map *d, float *y, const float *x, cnn_epilogue *epilogue,
             const float *const *operands);
void cnn_map_part(const struct cnn_map *d, float *y, const float *x, cnn_epilogue *epilogue,
                  const float *const *operands, int64_t first, int64_t end);
void cnn_resize(const struct cnn_resize *d, float *y, const float *x, cnn_epilogue *epilogue,
                const float *const *operands);
void cnn_resize_part(const struct cnn_resize *d, float *y, const float *x, cnn_epilogue *epilogue,
                     const float *const *operands, int64_t first, int64_t end);
void cnn_resample(const struct cnn_resample *d, float *y, const float *x, const float *tables,
                  cnn_epilogue *epilogue, const float *const *operands, float value);
void cnn_resample_part(const struct cnn_resample *d, float *y, const float *x, const float *tables,
                       cnn_epilogue *epilogue, const float *const *operands, float value,
                       int64_t first, int64_t end);
void cnn_softmax(const struct cnn_softmax *d, float *y, const float *x);
void cnn_softmax_part(const struct cnn_softmax *d, float *y, const float *x, int64_t first,
                      int64_t end);
void cnn_topk(const struct cnn_topk *d, float *y, const float *x, cnn_epilogue *epilogue,
              const float *const *operands);
void cnn_topk_part(const struct cnn_topk *d, float *y, const float *x, cnn_epilogue *epilogue,
                   const float *const *operands, int64_t first, int64_t end);
void cnn_copy(const struct cnn_copy *d, float *y, const float *x);
void cnn_copy_part(const struct cnn_copy *d, float *y, const float *x, int64_t first, int64_t end);
void cnn_border(const struct cnn_border *d, float *y, float value);
void cnn_border_part(const struct cnn_border *d, float *y, float value, int64_t first, int64_t end);

/* Arguments of a run function: runtime/results.def says what is returned. The last buffer is the
 * workspace, of which `given` bytes are there and `wanted` are used; addresses are of the buffers,
 * in order. */
int32_t cnn_check_buffers(const struct cnn_buffer *buffers, int64_t count,
                          const void *const *addresses, uint64_t given, uint64_t wanted);
/* NULL is one part. */
int32_t cnn_check_executor(const struct cnn_executor *executor);
int64_t cnn_parts(const struct cnn_executor *executor);
/* Whether the first `count` words of a weights file are the head wanted. */
int32_t cnn_check_weights(const int64_t *weights, const int64_t *head, int64_t count);

/* The task by up to `most` parts of the executor's; NULL: by one. */
void cnn_share(const struct cnn_executor *executor, cnn_task *task, const void *arguments,
               int64_t most);

/* The task by all parts of the executor's; 0, and nothing is done, where they are fewer than two or
 * more than there are passes to share. */
int64_t cnn_share_passes(const struct cnn_executor *executor, cnn_task *task, const void *arguments,
                         int64_t passes);

/* Steps: what generated epilogues are made of. */
cnn_vector cnn_load(const float *p, int64_t lanes); /* lanes beyond are 0; touches no more memory */
cnn_vector cnn_splat(float a);

cnn_vector cnn_add(cnn_vector a, cnn_vector b);
cnn_vector cnn_sub(cnn_vector a, cnn_vector b);
cnn_vector cnn_mul(cnn_vector a, cnn_vector b);
cnn_vector cnn_div(cnn_vector a, cnn_vector b);
cnn_vector cnn_min(cnn_vector a, cnn_vector b); /* NaN where either is */
cnn_vector cnn_max(cnn_vector a, cnn_vector b);
cnn_vector cnn_pow(cnn_vector a, cnn_vector b);
cnn_vector cnn_mod(cnn_vector a, cnn_vector b);  /* a - b * floor(a / b) */
cnn_vector cnn_fmod(cnn_vector a, cnn_vector b); /* a - b * trunc(a / b) */
/* 1 or 0; NaN differs from everything and is neither less nor greater. */
cnn_vector cnn_equal(cnn_vector a, cnn_vector b);
cnn_vector cnn_not_equal(cnn_vector a, cnn_vector b);
cnn_vector cnn_less(cnn_vector a, cnn_vector b);
cnn_vector cnn_less_equal(cnn_vector a, cnn_vector b);
cnn_vector cnn_greater(cnn_vector a, cnn_vector b);
cnn_vector cnn_greater_equal(cnn_vector a, cnn_vector b);
cnn_vector cnn_where(cnn_vector condition, cnn_vector a, cnn_vector b); /* condition != 0 ? a : b */

/* One-operand steps take two parameters, which most ignore: the row of the operator table gives
 * them. */
#define CNN_DECLARE_UNARY(name) cnn_vector cnn_##name(cnn_vector x, float a, float b);
CNN_UNARY_STEPS(CNN_DECLARE_UNARY)

/* Two-operand form for learned slopes: x > 0 ? x : slope*x. */
cnn_vector cnn_prelu(cnn_vector x, cnn_vector slope);

#ifdef __cplusplus
}
#endif

#endif
